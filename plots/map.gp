# map1.tsv (pages), map2.tsv (pageblocks): x, y, red, green, blue
array PART = ["#f4f4ee", "#88ccee", "#e69f00", "#882255", "#b0b0b0"]
left(panel) = panel == 1 ? 0.075 : 0.545

set multiplot
eval(frame)
set xrange [0:x_end]
set yrange [0:y_end]
set xlabel x_label
set border 15
unset grid
do for [panel=1:2] {
	set lmargin at screen left(panel)
	set rmargin at screen left(panel) + 0.405
	set tmargin at screen 0.745
	set bmargin at screen 0.20
	set label 6 named("panel", panel) at screen left(panel),0.855 left \
		font f12 tc rgb ink
	if (panel == 1) {
		set ylabel y_label tc rgb ink
	} else {
		unset ylabel
	}
	set key at screen left(panel),0.84 left top Left reverse horizontal \
		maxrows 3 width -2 font f10
	name = panel == 1 ? "use" : "state"
	plot sprintf("map%d.tsv", panel) using 1:2:3:4:5 with rgbimage \
		notitle, \
		for [p=1:n_parts] NaN with boxes lt 9 fc rgb PART[p] \
		fs solid 1.0 border rgb pale title named(name, p)
	eval(noframe)
}
unset multiplot
