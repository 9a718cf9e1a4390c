# sites1.tsv: position, waste of what was never freed, waste in all
eval(frame)
set lmargin at screen 0.31
set rmargin at screen 0.95
set tmargin at screen 0.86
set bmargin at screen 0.20
set key at screen 0.98,0.965 right top Left reverse vertical
set xlabel x_label
# Room for the text behind the longest bar.
set xrange [0:(most > 0 ? most * 1.3 : 1)]
rows = n_sites > 8 ? n_sites : 8
set yrange [rows+0.7:0.3]
set grid noytics xtics lt 9
set ytics () scale 0 font f11
do for [i=1:n_sites] {
	set ytics add (named("site", i) i)
}
if (n_sites == 0) {
	set label 6 "No call site was given more than it asked for." \
		at graph 0.5,0.5 center font f12 tc rgb pale
	unset key
	plot NaN
} else {
	plot 'sites1.tsv' \
		using 3:1:(0):3:($1-0.36):($1+0.36) with boxxyerror \
		fc rgb c_rounding title "freed again in the trace", \
		'' using 2:1:(0):2:($1-0.36):($1+0.36) with boxxyerror \
		fc rgb c_live title "never freed in the trace", \
		'' using 3:1:(named("amount", int($1))) with labels left \
		offset 0.6,0 font f10 tc rgb ink notitle
	eval(mark)
}
