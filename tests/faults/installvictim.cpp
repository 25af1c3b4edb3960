// SPDX-License-Identifier: MIT
#include "faults/victim.h"

#include <QCoreApplication>
#include <QTextStream>

using namespace Qt::StringLiterals;

/// `installvictim install ARCHIVE TARGET`, `update ARCHIVE TARGET`, `remove TARGET`,
/// `recover TARGET`: what the
/// table of faults does in its children, for a person with ENTRACTE_FAULT, a debugger or strace.
int main(int argc, char *argv[])
{
    QCoreApplication app(argc, argv);
    const QStringList words = app.arguments().mid(1);
    const QString verb = words.value(0);
    QTextStream errors(stderr);
    QString message;
    Victim::Outcome outcome = Victim::Outcome::Done;
    if ((verb == "install"_L1 || verb == "update"_L1) && words.size() == 3) {
        outcome = Victim::install(words[1], verb == "install"_L1 ? 1 : 2, words[2], message);
    } else if (verb == "remove"_L1 && words.size() == 2) {
        outcome = Victim::remove(words[1], message);
    } else if (verb == "recover"_L1 && words.size() == 2) {
        outcome = Victim::recover(words[1], message);
    } else {
        errors << "installvictim install|update ARCHIVE TARGET, or remove|recover TARGET\n";
        return 64;
    }
    if (!message.isEmpty())
        errors << message << '\n';
    return int(outcome);
}
