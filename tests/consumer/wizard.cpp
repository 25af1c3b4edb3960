// SPDX-License-Identifier: MIT
#include <ui/application.h>

int main(int argc, char *argv[])
{
    Entracte::Application app(argc, argv);
    return app.run(QStringLiteral("manifest.json"));
}
