# cmake -DIN=FILE -DOUT=FILE.c -DNAME=SYMBOL -DHEADER=... -P embed.cmake:
# a text file as a NUL-terminated C array.
file(READ ${IN} hex HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)"
	"\\1\n" bytes "${bytes}")
file(WRITE ${OUT}
	"#include \"${HEADER}\"\n\nconst char ${NAME}[] = {\n${bytes}0};\n")
