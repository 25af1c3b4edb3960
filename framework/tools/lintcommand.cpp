// SPDX-License-Identifier: MIT
#include "engine/exitcode.h"
#include "manifest/manifestreader.h"
#include "tools/commands.h"

#include <QTextStream>

namespace Entracte {

int Commands::lint(const QStringList &arguments)
{
    QTextStream out(stdout);
    if (arguments.size() != 1) {
        QTextStream(stderr) << tr("Say which manifest to check: entracte lint MANIFEST.",
                                  "command line error")
                            << Qt::endl;
        return static_cast<int>(ExitCode::Usage);
    }
    const QList<Error> errors = ManifestReader::lint(arguments.first());
    for (const Error &error : errors)
        out << error.message << Qt::endl;
    if (errors.isEmpty())
        out << tr("No errors in “%1”.", "lint result").arg(arguments.first()) << Qt::endl;
    return static_cast<int>(errors.isEmpty() ? ExitCode::Done : ExitCode::Usage);
}

} // namespace Entracte
