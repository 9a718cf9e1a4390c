# endI.tsv: order, index at the end
# heatI.tsv: from, to, order, index; every box reaches a little under the next
# ones, which are drawn later, so that no seams show
columns = n_series > 1 ? 2 : 1
rows = n_series > 2 ? 2 : 1
left = 0.06
right = 0.86
top = 0.83
bottom = 0.20
gap_x = 0.1
gap_y = 0.17
width = (right - left - gap_x * (columns - 1)) / columns
height = (top - bottom - gap_y * (rows - 1)) / rows

# Viridis: even steps of lightness, readable with every kind of sight.
set palette defined (0 "#440154", 0.125 "#472d7b", 0.25 "#3b528b", \
	0.375 "#2c728e", 0.5 "#21918c", 0.625 "#28ae80", 0.75 "#5ec962", \
	0.875 "#addc30", 1 "#fde725")
set cbrange [0:1]
lap = x_end / 150

set multiplot
eval(frame)
set xrange [0:x_end]
set yrange [-0.5:n_orders-0.5]
crowded = rows > 1 && n_orders > 12
set ytics 0,(crowded ? 2 : 1),n_orders-1
set xlabel x_label
set border 3
unset grid
unset key
do for [i=1:n_series] {
	col = (i - 1) % columns
	row = (i - 1) / columns
	set lmargin at screen left + col * (width + gap_x)
	set rmargin at screen left + col * (width + gap_x) + width
	set tmargin at screen top - row * (height + gap_y)
	set bmargin at screen top - row * (height + gap_y) - height
	set label 7 "at the end" at graph 1,1 left offset 0.7,0.7 font f9 \
		tc rgb pale
	set label 6 named("series", i) at graph 0,1 left offset 0,0.7 font f12 tc rgb ink
	if (col == 0) { set ylabel "Order" offset 0.5 } else { unset ylabel }
	if (i == 1) {
		set colorbox user origin screen 0.925,bottom \
			size screen 0.015,top-bottom
		set cblabel "Unusable free space index" offset 0.5
	} else {
		unset colorbox
	}
	plot sprintf("heat%d.tsv", i) \
		using 1:3:1:($2+lap):($3-0.5):($3+0.6):4 \
		with boxxyerror fc palette fs solid 1.0 noborder, \
		sprintf("end%d.tsv", i) \
		using (x_end):1:(sprintf("%.3f", $2)) with labels left \
		offset 0.7,0 font (crowded ? f7 : f9) tc rgb pale
	eval(mark)
	eval(noframe)
}
unset multiplot
