# bars1.tsv (the peak), bars2.tsv (the end): position, upper edge of each band
array BAND = ["#332288", "#E69F00", "#DDCC77", "#88CCEE", "#CC6677", \
	"#882255", "#CCCCCC", "#44AA99"]
# What can be read on each of them.
array INK = ["#ffffff", "#000000", "#000000", "#000000", "#000000", \
	"#ffffff", "#000000", "#000000"]
left(panel) = panel == 1 ? 0.075 : 0.415
edge(b) = b > 1 ? column(b) : 0
size_of(b) = column(b + 1) - edge(b)
# A number only where the band is high enough for it.
size_text(b) = size_of(b) < 0.035 * high ? "" : sprintf("%.1f", size_of(b))

set multiplot
eval(frame)
set boxwidth 0.72
set yrange [0:high*1.08]
set xrange [0.4:n_series+0.6]
do for [panel=1:2] {
	set lmargin at screen left(panel)
	set rmargin at screen left(panel) + 0.30
	set tmargin at screen 0.82
	set bmargin at screen 0.20
	set label 6 named("panel", panel) at screen left(panel),0.85 left \
		font f12 tc rgb ink
	set xtics scale 0 () norotate center font f11
	do for [i=1:n_series] {
		set xtics add (named("tick", i) i)
	}
	if (panel == 1) {
		set ylabel y_label tc rgb ink
	} else {
		unset ylabel
	}
	unset key
	file = sprintf("bars%d.tsv", panel)
	# The uppermost band first: each next one covers what lies below it.
	plot for [b=n_bands:1:-1] file using 1:(column(b+1)) with boxes lt 9 \
		fc rgb BAND[b] fs solid 1.0 border rgb "#ffffff", \
		for [b=1:n_bands] file \
		using 1:(edge(b)+0.5*size_of(b)):(size_text(b)) \
		with labels font f10 tc rgb INK[b], \
		file using 1:(column(n_bands+1)):(sprintf("%.1f", \
		column(n_bands+1))) with labels offset 0,0.7 font f11 tc rgb ink
	eval(mark)
	eval(noframe)
}
# The legend has a panel of its own, in the order in which the bands lie.
set lmargin at screen 0.735
set rmargin at screen 1
set tmargin at screen 0.82
set bmargin at screen 0
unset label 6
unset border
unset tics
unset ylabel
unset grid
set yrange [0:1]
set key at graph 0,1 left top Left reverse vertical maxcols 1
plot for [b=n_bands:1:-1] NaN with boxes fc rgb BAND[b] title named("band", b)
unset multiplot
