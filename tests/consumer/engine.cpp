// SPDX-License-Identifier: MIT
#include <engine/silentuidelegate.h>

#include <QCoreApplication>

int main(int argc, char *argv[])
{
    QCoreApplication app(argc, argv);
    return Entracte::installSilently(QStringLiteral("/nowhere/manifest.json"), {}) == 2 ? 0 : 1;
}
