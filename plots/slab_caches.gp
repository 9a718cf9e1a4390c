# stackI.tsv: x, upper edge of band 1 .. 10, upper edge of the others
array BAND = ["#332288", "#88CCEE", "#44AA99", "#117733", "#999933", \
	"#DDCC77", "#661100", "#CC6677", "#882255", "#AA4499"]
c_others = "#CCCCCC"
columns = n_series > 1 ? 2 : 1
rows = n_series > 2 ? 2 : 1
left = 0.075
right = 0.775
top = 0.83
bottom = 0.20
gap_x = 0.03
gap_y = 0.17
width = (right - left - gap_x * (columns - 1)) / columns
height = (top - bottom - gap_y * (rows - 1)) / rows

# One scale for all panels.
high = most > 0 ? most * 1.03 : 1

set multiplot
eval(frame)
set xrange [0:x_end]
set yrange [0:high]
set xlabel x_label
set y2range [0:high*page_mib]
set border 11
unset key
set grid front
do for [i=1:n_series] {
	col = (i - 1) % columns
	row = (i - 1) / columns
	set lmargin at screen left + col * (width + gap_x)
	set rmargin at screen left + col * (width + gap_x) + width
	set tmargin at screen top - row * (height + gap_y)
	set bmargin at screen top - row * (height + gap_y) - height
	set label 6 named("series", i) at graph 0,1 left offset 0,0.7 font f12 tc rgb ink
	# The panels share one scale: pages on the far left, MiB on the right.
	if (col == 0) {
		set label 7 "Slab pages" center rotate tc rgb ink at screen \
			left - 0.058,top - row * (height + gap_y) - height / 2
		set format y "%.10g"
	} else {
		unset label 7
		set format y ""
	}
	if (col == columns - 1 || i == n_series) {
		set y2label "MiB" offset -1
		set y2tics nomirror out scale 0.6
	} else {
		unset y2label
		unset y2tics
	}
	file = sprintf("stack%d.tsv", i)
	# The uppermost band first: each next one covers what lies below it.
	plot file using 1:12 with filledcurves y1=0 fc rgb c_others, \
		for [b=n_bands:1:-1] file using 1:(column(b+1)) \
		with filledcurves y1=0 fc rgb BAND[b], \
		for [b=n_bands:1:-1] file using 1:(column(b+1)) \
		with lines lc rgb "#ffffff" lw 0.7 dt solid
	eval(mark)
	eval(noframe)
}
# The legend has a panel of its own, in the order in which the areas lie.
set lmargin at screen right + 0.06
set rmargin at screen 1
set tmargin at screen top
set bmargin at screen 0
unset label 6
unset label 7
unset border
unset tics
unset xlabel
unset y2label
unset grid
set yrange [0:1]
set key at graph 0,1 left top Left reverse vertical maxcols 1
if (n_others > 0) {
	plot NaN with filledcurves y1=0 fc rgb c_others title others, \
		for [b=n_bands:1:-1] NaN with filledcurves y1=0 \
		fc rgb BAND[b] title named("band", b)
} else {
	plot for [b=n_bands:1:-1] NaN with filledcurves y1=0 \
		fc rgb BAND[b] title named("band", b)
}
unset multiplot
