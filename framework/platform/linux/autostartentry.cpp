// SPDX-License-Identifier: MIT
#include "platform/linux/autostartentry.h"

#include "platform/linux/process.h"

namespace Entracte {

/// What any value of type string undergoes; after every other quoting.
static QByteArray asValue(const QByteArray &text)
{
    QByteArray value;
    for (const char letter : text) {
        switch (letter) {
        case '\\':
            value += "\\\\";
            break;
        case '\n':
            value += "\\n";
            break;
        case '\r':
            value += "\\r";
            break;
        case '\t':
            value += "\\t";
            break;
        default:
            value += letter;
        }
    }
    return value;
}

/// One word of Exec=, always in quotes: they hurt nothing.
static QByteArray quoted(const QByteArray &word)
{
    QByteArray result = "\"";
    for (const char letter : word) {
        if (letter == '"' || letter == '`' || letter == '$' || letter == '\\')
            result += '\\';
        result += letter;
        if (letter == '%') // else a field code
            result += '%';
    }
    return result + '"';
}

QByteArray autostartEntry(const QString &name, const QList<QByteArray> &command)
{
    QByteArrayList words;
    for (const QByteArray &word : command)
        words.append(quoted(word));
    return "[Desktop Entry]\n"
           "Type=Application\n"
           "Name="
         + asValue(plainText(name).toUtf8())
         + "\n"
           "TryExec="
         + asValue(command.constFirst())
         + "\n"
           "Exec="
         + asValue(words.join(' '))
         + "\n"
           "Terminal=false\n"
           "NoDisplay=true\n"
           "StartupNotify=false\n";
}

QByteArray autostartFolder()
{
    const QByteArray configured = qgetenv("XDG_CONFIG_HOME");
    return (configured.startsWith('/') ? configured : qgetenv("HOME") + "/.config") + "/autostart";
}

} // namespace Entracte
