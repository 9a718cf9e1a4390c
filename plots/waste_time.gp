# seriesI.tsv: x, requested, allocated, growth of what is held
eval(frame)
set lmargin at screen 0.075
set rmargin at screen 0.70
set tmargin at screen 0.86
set bmargin at screen 0.20
set key at screen 0.712,0.86 left top Left reverse vertical \
	title "At the end:" left
set xlabel x_label
set ylabel y_label offset 0.5
set xrange [0:x_end]
pad = high > low ? 0.04 * (high - low) : 1
set yrange [(low < 0 ? low - pad : 0):high + pad]
set xzeroaxis lt 1 lw 0.8
plot for [i=n_series:1:-1] sprintf("series%d.tsv", i) using 1:4 \
	with linespoints lt i pointnumber 12 title named("held", i), \
	'series1.tsv' using 1:3 with lines lc rgb c_live lw 1.6 dt solid \
	title allocated, \
	'' using 1:2:3 with filledcurves fc rgb c_rounding title rounding, \
	'' using 1:2 with filledcurves y1=0 fc rgb c_requested title requested, \
	for [i=n_series:1:-1] sprintf("series%d.tsv", i) using 1:4 \
	with linespoints lt i pointnumber 12 notitle
eval(mark)
