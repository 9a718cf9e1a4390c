# seriesI.tsv: x, free blocks of order 0, 1, ..
# Small panels, four in a row; one cell more than orders, for the legend.
columns = 4
rows = (n_orders + columns) / columns
left = 0.055
right = 0.985
top = 0.84
bottom = 0.175
gap_x = 0.055
gap_y = rows > 3 ? 0.075 : 0.085
width = (right - left - gap_x * (columns - 1)) / columns
height = (top - bottom - gap_y * (rows - 1)) / rows

set multiplot
eval(frame)
set xrange [0:x_end]
set tics font f9
unset key
do for [o=1:n_orders] {
	col = (o - 1) % columns
	row = (o - 1) / columns
	set lmargin at screen left + col * (width + gap_x)
	set rmargin at screen left + col * (width + gap_x) + width
	set tmargin at screen top - row * (height + gap_y)
	set bmargin at screen top - row * (height + gap_y) - height
	set label 6 named("order", o) at graph 0,1 left offset 0,0.6 font f11 tc rgb ink
	# Time is written once per column, under its last panel.
	if (o + columns > n_orders) { set format x; set xlabel x_label font f9 offset 0,0.6 } else { set format x ""; unset xlabel }
	most = value(sprintf("most%d", o))
	set yrange [0:(most > 0 ? most : 1)*1.08]
	set ytics 0,step(most, rows > 3 ? 3 : 5)
	plot for [i=1:n_series] sprintf("series%d.tsv", i) using 1:o+1 \
		with linespoints lt i lw 1.7 pointnumber 6 notitle
	eval(mark)
	eval(noframe)
}
# The legend, in the cell that is left.
col = n_orders % columns
row = n_orders / columns
set lmargin at screen left + col * (width + gap_x)
set rmargin at screen left + col * (width + gap_x) + width
set tmargin at screen top - row * (height + gap_y)
set bmargin at screen top - row * (height + gap_y) - height
unset label 6
unset border
unset tics
unset xlabel
unset grid
set yrange [0:1]
set key at graph 0.05,0.95 left top Left reverse vertical
plot for [i=1:n_series] NaN with linespoints lt i title named("series", i)
unset multiplot
