// SPDX-License-Identifier: MIT
#include "ui/application.h"

using namespace Qt::StringLiterals;

int main(int argc, char *argv[])
{
    Entracte::Application app(argc, argv);
    return app.run(u"" AURORA_MANIFEST ""_s);
}
