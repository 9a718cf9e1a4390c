# bars1.tsv (kmalloc), bars2.tsv (caches): position, requested, requested plus
# rounding, share of rounding in per cent
set multiplot
eval(frame)
set tmargin at screen 0.80
set bmargin at screen 0.27
set boxwidth 0.75
set yrange [0:1<*]
set offsets 0, 0, graph 0.06, 0
set xtics scale 0
set key at screen 0.98,0.955 right top Left reverse vertical
share(p) = p > 0 && p < 0.5 ? "<1 %" : sprintf("%.0f %%", p)

do for [panel=1:2] {
	n = panel == 1 ? n_classes : n_caches
	set lmargin at screen (panel == 1 ? 0.075 : 0.565)
	set rmargin at screen (panel == 1 ? 0.485 : 0.975)
	set label 6 (panel == 1 ? "kmalloc, by class size in bytes" : \
		"kmem_cache_alloc, the caches that waste most") \
		at graph 0,1 left offset 0,1.8 font f12 tc rgb ink
	set label 7 (panel == 1 ? kmalloc_sum : cache_sum) \
		at graph 0,1 left offset 0,0.7 font f10 tc rgb pale
	set ylabel named("y_label", panel) offset 0.5
	set xrange [0.3:(n > 6 ? n : 6)+0.7]
	if (panel == 1) {
		set xtics () norotate center offset 0,0.2 font f9
	} else {
		set xtics () rotate by -38 left offset -0.6,0.2 font f10
	}
	do for [i=1:n] {
		set xtics add (named(panel == 1 ? "class" : "cache", i) i)
	}
	file = sprintf("bars%d.tsv", panel)
	if (n > 0) {
		plot file using 1:3 with boxes fc rgb c_rounding \
			title "rounding (waste)", \
			'' using 1:2 with boxes fc rgb c_requested \
			title "requested", \
			'' using 1:3:(share($4)) with labels offset 0,0.7 \
			font f9 tc rgb ink notitle
	} else {
		set label 8 "none in this trace" at graph 0.5,0.5 center \
			font f12 tc rgb pale
		set yrange [0:1]
		unset ytics
		plot NaN notitle
	}
	eval(noframe)
	unset key
	unset label 8
	set ytics nomirror
	set yrange [0:1<*]
}
unset multiplot
