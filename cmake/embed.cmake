# cmake -DIN=FILE -DOUT=FILE.c -DNAME=SYMBOL -DHEADER=... -P embed.cmake:
# a text file as a NUL-terminated C array. -DHASH=1 adds SYMBOL_sha256, text.
file(READ ${IN} hex HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)"
	"\\1\n" bytes "${bytes}")
file(WRITE ${OUT}
	"#include \"${HEADER}\"\n\nconst char ${NAME}[] = {\n${bytes}0};\n")
if(HASH)
	file(SHA256 ${IN} hash)
	file(APPEND ${OUT} "const char ${NAME}_sha256[] = \"${hash}\";\n")
endif()
