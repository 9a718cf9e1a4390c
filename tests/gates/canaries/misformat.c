/* Canary: clang-format must refuse this. */
int misformat( int number ){ return number; }
