// SPDX-License-Identifier: MIT
#include "guardian/guardian.h"
#include "ui/application.h"

#include <QTextStream>

// entracte-stub MANIFEST [options]: an installer that was given its manifest instead of being built
// with it.
int main(int argc, char *argv[])
{
    (void)Entracte::Guardian::takeUp(argc, argv); // before the words are shifted
    if (argc < 2) {
        QTextStream(stderr) << "entracte-stub MANIFEST [options]" << Qt::endl;
        return 2;
    }
    const QString manifest = QString::fromLocal8Bit(argv[1]);
    argv[1] = argv[0];
    int remaining = argc - 1;
    Entracte::Application app(remaining, argv + 1);
    return app.run(manifest);
}
