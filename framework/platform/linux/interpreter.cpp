// SPDX-License-Identifier: MIT
#include "platform/linux/interpreter.h"

#include "platform/linux/process.h"

#include <QFile>

#include <algorithm>
#include <array>
#include <cctype>

namespace Entracte {

namespace {

/// How an interpreter's command line is read. Options are separated by spaces.
struct Grammar
{
    QByteArrayView program;
    QByteArrayView withValue; ///< followed by a value of their own
    QByteArrayView module;    ///< the next argument is a module, a class, or a file to run
    QByteArrayView command;   ///< the program text follows: there is no file
};

constexpr std::array grammars{
    Grammar{"python", "-W -X --check-hash-based-pycs", "-m", "-c"},
    Grammar{"pypy", "-W -X", "-m", "-c"},
    Grammar{"perl", "-I", "", "-e -E"},
    Grammar{"ruby", "-I -r -C", "", "-e"},
    Grammar{"node", "-r --require --import --loader -C --conditions", "", "-e -p --eval --print"},
    Grammar{"nodejs", "-r --require --import --loader", "", "-e -p --eval --print"},
    Grammar{"java",
            "-cp -classpath --class-path -p --module-path --upgrade-module-path --add-modules "
            "--add-opens --add-exports --add-reads",
            "-jar -m --module", ""},
    Grammar{"bash", "-o +o -O +O --rcfile --init-file", "", "-c"},
    Grammar{"dash", "-o +o", "", "-c"},
    Grammar{"sh", "-o +o", "", "-c"},
    Grammar{"zsh", "-o +o", "", "-c"},
    Grammar{"php", "-c -d -z", "-f -F", "-r -B -R -E"},
    Grammar{"mono", "", "", ""},
    Grammar{"wine", "", "", ""},
    Grammar{"wine-preloader", "", "", ""},
    Grammar{"wine64-preloader", "", "", ""},
    Grammar{"busybox", "-o +o", "", "-c"},
    Grammar{"tclsh", "", "", ""},
    Grammar{"wish", "", "", ""},
    Grammar{"gjs", "-I --include-path", "", "-c"},
    Grammar{"gjs-console", "-I --include-path", "", "-c"},
    Grammar{"lua", "-l", "", "-e"},
};

const Grammar *grammarOf(const QString &executable)
{
    QByteArray name = QFile::encodeName(executable.mid(executable.lastIndexOf(u'/') + 1));
    const bool isWine = name.startsWith("wine");
    while (!isWine && !name.isEmpty() && (std::isdigit(uchar(name.back())) || name.back() == '.'))
        name.chop(1); // python3.11
    if (isWine && name == "wine64")
        name = "wine";
    const auto found =
        std::find_if(grammars.cbegin(), grammars.cend(),
                     [&name](const Grammar &one) { return one.program == QByteArrayView(name); });
    return found == grammars.cend() ? nullptr : &*found;
}

/// Whether \a argument is one of \a options, or letters that end in one of them, as in "bash -ec".
bool lists(const Grammar &grammar, QByteArrayView options, const QByteArray &argument)
{
    const QList<QByteArray> known = options.toByteArray().split(' ');
    if (argument.size() < 2 || known.contains(argument))
        return argument.size() >= 2;
    const bool isCluster = grammar.program != "java" && argument.startsWith('-')
                        && std::all_of(argument.cbegin() + 1, argument.cend(),
                                       [](char letter) { return std::isalpha(uchar(letter)); });
    return isCluster && known.contains(QByteArray("-") + argument.back());
}

Script fileScript(const QByteArray &path)
{
    const qsizetype cut = std::max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
    return {plainText(QFile::decodeName(path.mid(cut + 1))), path};
}

/// "-jar app.jar" is a file; "-m http.server" and "com.example.Main" are not.
std::optional<Script> moduleScript(const QByteArray &option, const QByteArray &value)
{
    if (value.isEmpty())
        return std::nullopt;
    if (option == "-jar" || option.toLower() == "-f")
        return fileScript(value);
    return Script{plainText(QString::fromLocal8Bit(value)), {}};
}

} // namespace

bool isInterpreter(const QString &executable)
{
    return grammarOf(executable) != nullptr;
}

std::optional<Script> scriptOf(const QString &executable, const QList<QByteArray> &arguments)
{
    const Grammar *grammar = grammarOf(executable);
    if (!grammar)
        return std::nullopt;
    for (qsizetype i = 1; i < arguments.size(); ++i) {
        const QByteArray &argument = arguments.at(i);
        if (lists(*grammar, grammar->command, argument))
            return std::nullopt;
        if (lists(*grammar, grammar->module, argument))
            return moduleScript(argument, arguments.value(i + 1));
        if (lists(*grammar, grammar->withValue, argument)) {
            ++i;
            continue;
        }
        if (argument == "--")
            return i + 1 < arguments.size() ? std::optional(fileScript(arguments.at(i + 1)))
                                            : std::nullopt;
        if (argument.startsWith('-') || argument.startsWith('+') || argument.isEmpty())
            continue;
        const bool isMainClass =
            grammar->program == "java" && !argument.contains('/') && !argument.endsWith(".java");
        return isMainClass ? Script{plainText(QString::fromLocal8Bit(argument)), {}}
                           : fileScript(argument);
    }
    return std::nullopt;
}

} // namespace Entracte
