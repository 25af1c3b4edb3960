/* SPDX-License-Identifier: MIT */
/* A product's library that any program can be made to map, by LD_PRELOAD: a holder we did not
 * write. */
int entracteHeldLibrary(void);
int entracteHeldLibrary(void)
{
    return 1;
}
