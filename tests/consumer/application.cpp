// SPDX-License-Identifier: MIT
#include <client/restartregistration.h>

int main()
{
    return 0;
}
