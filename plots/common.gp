# What all pictures share: reading data, colours, lines, the frame of texts.
# Colours: Okabe and Ito for lines and bars, Tol's ten for areas; both stay
# apart under all common kinds of colour blindness. Line styles differ too.
set encoding utf8
set datafile separator "\t"
set datafile commentschars ""
set datafile missing "NaN"

ink = "#222222"
pale = "#666666"
c_requested = "#56B4E9"
c_rounding = "#E69F00"
c_live = "#D55E00"
# The second and following series; the first is drawn in black.
set linetype 1 lc rgb "#000000" dt solid lw 2.2 pt 7 ps 0.7
set linetype 2 lc rgb "#D55E00" dt (9,4) lw 2.2 pt 5 ps 0.7
set linetype 3 lc rgb "#0072B2" dt (9,3,2,3) lw 2.2 pt 9 ps 0.8
set linetype 4 lc rgb "#009E73" dt (2,3) lw 2.2 pt 13 ps 0.8

# Ticks in at most n steps of 1, 2 or 5 times a power of ten; step(), for
# counts: at least 1.
decade(x) = 10.0 ** floor(log10(x))
round_up(x, d) = x <= d ? d : x <= 2 * d ? 2 * d : x <= 5 * d ? 5 * d : 10 * d
part(range, n) = round_up(range / (1.0 * n), decade(range / (1.0 * n)))
step(range, n) = range <= n ? 1 : part(range, n)

# Font sizes: terminals differ in what a point is, so each sets font_scale.
f7 = sprintf(",%.1f", 7 * font_scale)
f9 = sprintf(",%.1f", 9 * font_scale)
f10 = sprintf(",%.1f", 10 * font_scale)
f11 = sprintf(",%.1f", 11 * font_scale)
f12 = sprintf(",%.1f", 12 * font_scale)
f17 = sprintf(",%.1f", 17 * font_scale)

# variableI, for names that figure_text() numbered.
named(name, i) = value(sprintf("%s%d", name, i))

set linetype 9 lc rgb "#cfcfcf" dt solid lw 0.8

set border 3 lw 1 lc rgb "#555555"
set tics nomirror out scale 0.6 tc rgb ink
set grid ytics lt 9
set style fill solid 1.0 noborder
set key font f11 tc rgb ink samplen 2.5 spacing 1.35 noopaque

frame = "set label 1 title at screen 0.02,0.958 left font f17 tc rgb ink; \
set label 2 subtitle at screen 0.02,0.912 left font f11 tc rgb pale; \
set label 3 caption1 at screen 0.02,0.075 left font f10 tc rgb pale; \
set label 4 caption2 at screen 0.02,0.048 left font f10 tc rgb pale; \
set label 5 caption3 at screen 0.02,0.021 left font f10 tc rgb pale"
# After a plot whose values hover.h was told: where it lies.
mark = "print sprintf('%.2f %.2f %.2f %.2f %.10g %.10g %.10g %.10g', \
GPVAL_TERM_XMIN, GPVAL_TERM_XMAX, GPVAL_TERM_YMIN, GPVAL_TERM_YMAX, \
GPVAL_X_MIN, GPVAL_X_MAX, GPVAL_Y_MIN, GPVAL_Y_MAX)"
noframe = "unset label 1; unset label 2; unset label 3; unset label 4; \
unset label 5"
