/* Canary: -Wconversion -Werror must refuse this. */
int narrow(long wide);

int narrow(long wide)
{
	return wide;
}
