# seriesI.tsv: x, slab pages, free pages, slab difference, free difference
# Two columns of panels; above each its legend, which needs a line per series.
top = 0.835 - 0.035 * n_series
middle = 0.415
max(a, b) = a > b ? a : b
min(a, b) = a < b ? a : b

set multiplot
eval(frame)
set xrange [0:x_end]
do for [panel=1:2] {
	name = panel == 1 ? "slab" : "free"
	set lmargin at screen (panel == 1 ? 0.075 : 0.575)
	set rmargin at screen (panel == 1 ? 0.435 : 0.935)

	# Slab pages from zero; of the free pages only where they move.
	low = value(name."_low")
	high = value(name."_high")
	pad = max(0.06 * (high - low), 1)
	low = panel == 1 ? 0 : max(low - pad, 0)
	high = high + pad
	set yrange [low:high]
	set y2range [low*page_mib:high*page_mib]
	set y2tics nomirror out scale 0.6
	set border 11
	set tmargin at screen top
	set bmargin at screen middle
	set label 6 (panel == 1 ? "Pages held by slabs" : "Free pages") \
		at screen (panel == 1 ? 0.075 : 0.575),0.862 \
		left font f12 tc rgb ink
	x = panel == 1 ? 0.016 : 0.516
	set label 7 "Pages" at screen x,0.5*(top+middle) center rotate \
		tc rgb ink
	set label 8 "MiB" at screen x+0.466,0.5*(top+middle) center rotate \
		tc rgb ink
	set label 9 "Pages" at screen x,0.272 center rotate tc rgb ink
	set label 10 "MiB" at screen x+0.466,0.272 center rotate tc rgb ink
	set format x ""
	set format y "%.10g"
	unset xlabel
	set key at graph -0.01,screen 0.843 left top Left reverse vertical
	plot for [i=1:n_series] sprintf("series%d.tsv", i) using 1:panel+1 \
		with linespoints lt i pointnumber 8 title named(name, i)
	eval(mark)
	eval(noframe)

	low = min(value(name."_diff_low"), -1)
	high = max(value(name."_diff_high"), 1)
	pad = 0.12 * (high - low)
	set yrange [low-pad:high+pad]
	set y2range [(low-pad)*page_mib:(high+pad)*page_mib]
	set ytics step(high - low, 4)
	set y2tics part((high - low) * page_mib, 4)
	set tmargin at screen 0.345
	set bmargin at screen 0.20
	do for [i=6:10] { unset label i }
	set label 6 "model minus recorded" at graph 0,1 left offset 0,0.7 font f11 \
		tc rgb ink
	set format x
	set xlabel x_label
	unset key
	set xzeroaxis lt 1 lw 1.2
	# Areas of several models would hide each other.
	plot for [i=2:(n_series == 2 ? 2 : 1)] sprintf("series%d.tsv", i) \
		using 1:panel+3:(0) with filledcurves fc lt i \
		fs transparent solid 0.18 notitle, \
		for [i=2:n_series] sprintf("series%d.tsv", i) \
		using 1:panel+3 with linespoints lt i pointnumber 8 notitle
	eval(mark)
	unset xzeroaxis
	unset label 6
	set ytics autofreq
	set y2tics autofreq
}
unset multiplot
