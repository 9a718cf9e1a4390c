# seriesI.tsv: x, requested, allocated, held
eval(frame)
set lmargin at screen 0.075
set rmargin at screen 0.74
set tmargin at screen 0.86
set bmargin at screen 0.20
set key at screen 0.755,0.86 left top Left reverse vertical \
	title "At the end:" left
set xlabel x_label
set ylabel y_label offset 0.5
set xrange [0:x_end]
set yrange [0:1<*]
plot for [i=n_series:1:-1] sprintf("series%d.tsv", i) using 1:4 \
	with linespoints lt i pointnumber 12 title named("held", i), \
	'series1.tsv' using 1:(start) with lines lc rgb pale dt (3,3) lw 1.2 \
	title before, \
	'' using 1:3 with lines lc rgb c_live lw 1.6 dt solid \
	title allocated, \
	'' using 1:2:3 with filledcurves fc rgb c_rounding title rounding, \
	'' using 1:2 with filledcurves y1=0 fc rgb c_requested title requested
