# bars1.tsv (kmalloc), bars2.tsv (caches): position, requested, requested plus
# rounding, share of rounding in per cent, rounding in a unit of its own
# Two columns: kmalloc, caches. Above: all that was allocated. Below: the
# rounding alone, which is often too little to be seen above.
share(p) = p > 0 && p < 0.5 ? "<1 %" : sprintf("%.0f %%", p)
left(panel) = panel == 1 ? 0.075 : 0.57

set multiplot
eval(frame)
set boxwidth 0.75
do for [panel=1:2] {
	n = panel == 1 ? n_classes : n_caches
	set lmargin at screen left(panel)
	set rmargin at screen left(panel) + (panel == 1 ? 0.405 : 0.355)
	set xrange [0.3:(n > 6 ? n : 6)+0.7]
	set yrange [0:1<*]

	set tmargin at screen 0.80
	set bmargin at screen 0.565
	set label 6 (panel == 1 ? "kmalloc, by class size in bytes" : \
		"kmem_cache_alloc, the caches that waste most") \
		at screen left(panel),0.855 left font f12 tc rgb ink
	set label 7 (panel == 1 ? kmalloc_sum : cache_sum) \
		at screen left(panel),0.825 left font f10 tc rgb pale
	set label 8 named("y_label", panel) center rotate tc rgb ink \
		at screen left(panel)-0.056,0.68
	set label 9 named("waste_label", panel) center rotate tc rgb ink \
		at screen left(panel)-0.056,0.385
	if (panel == 1) {
		set key at screen 0.98,0.965 right top Left reverse vertical
	} else {
		unset key
	}
	unset xtics
	file = sprintf("bars%d.tsv", panel)
	if (n == 0) {
		unset label 8
		unset label 9
		unset ytics
		unset border
		set label 10 (panel == 1 ? "No kmalloc was recorded." : \
			"No cache allocates more than was asked for.") \
			at graph 0.5,0.5 center font f12 tc rgb pale
		set yrange [0:1]
		plot NaN with boxes fc rgb c_rounding title "rounding (waste)", \
			NaN with boxes fc rgb c_requested title "requested"
		unset label 10
		set ytics nomirror
		set border 3
	} else {
		plot file using 1:3 with boxes fc rgb c_rounding \
			title "rounding (waste)", \
			'' using 1:2 with boxes fc rgb c_requested \
			title "requested"
		eval(mark)
		eval(noframe)
		do for [i=6:9] { unset label i }
		unset key
		set tmargin at screen 0.50
		set bmargin at screen 0.27
		# Room for the shares above the bars.
		high = named("most_waste", panel) * 1.15
		set yrange [0:(high > 0 ? high : 1)]
		if (panel == 1) {
			set xtics scale 0 () norotate center offset 0,0.2 font f9
		} else {
			set xtics scale 0 () rotate by -38 left offset -0.6,0.2 font f10
		}
		do for [i=1:n] {
			set xtics add (named(panel == 1 ? "class" : "cache", i) i)
		}
		plot file using 1:5 with boxes fc rgb c_rounding, \
			'' using 1:5:(share($4)) with labels offset 0,0.7 \
			font f9 tc rgb ink
		eval(mark)
	}
	eval(noframe)
}
unset multiplot
