// SPDX-License-Identifier: MIT
// libFuzzer target: the names and link targets of an archive, as bytes. What it finds becomes a row
// of tst_entrypath. An input is a name, or a link's path, a NUL and its target.
#include "payload/entrypath.h"
#include "plan/namefolding.h"

#include <QDir>

#include <algorithm>
#include <cstdlib>

using namespace Entracte;

static void insist(bool promise)
{
    if (!promise)
        std::abort();
}

/// What people are shown and what goes into lists of one name a line.
static bool isHarmless(const QString &text)
{
    return std::none_of(text.begin(), text.end(), [](QChar c) {
        switch (c.category()) {
        case QChar::Other_Control:
        case QChar::Separator_Line:
        case QChar::Separator_Paragraph:
            return true;
        default:
            break;
        }
        switch (c.direction()) {
        case QChar::DirLRE:
        case QChar::DirRLE:
        case QChar::DirLRO:
        case QChar::DirRLO:
        case QChar::DirPDF:
        case QChar::DirLRI:
        case QChar::DirRLI:
        case QChar::DirFSI:
        case QChar::DirPDI:
            return true;
        default:
            return false;
        }
    });
}

/// Step by step, as the kernel would go if there were no links.
static bool staysInside(const QString &path)
{
    int depth = 0;
    for (const QString &step : path.split(u'/', Qt::SkipEmptyParts)) {
        if (step == QStringLiteral(".."))
            --depth;
        else if (step != QStringLiteral("."))
            ++depth;
        if (depth < 0)
            return false;
    }
    return !path.startsWith(u'/') && !QDir::cleanPath(path).startsWith(u'/');
}

static void checkName(const QString &name, const QString &path)
{
    insist(isHarmless(path) && staysInside(path));
    insist(QDir::cleanPath(path) == path); // what is accepted needs no tidying …
    insist(name == path || name == path + u'/');
    const QByteArray stored = path.toUtf8();
    insist(stored.size() <= 3000 && QString::fromUtf8(stored) == path); // … and can be stored
    const QList<QByteArray> parts = stored.split('/');
    insist(std::all_of(parts.begin(), parts.end(), [](const QByteArray &part) {
        return !part.isEmpty() && part.size() <= 255;
    }));
    const QString folded = NameFolding{true, true}.folded(path);
    insist(folded.section(u'/', 0, 0) != QStringLiteral(".entracte"));
    insist(folded.count(u'/') == path.count(u'/'));

    const Result<QString> again = EntryPath::fromEntryName(path);
    insist(again && *again == path);
}

static void checkRefusal(const Error &error)
{
    insist(error.code == ErrorCode::BadPayload && isHarmless(error.message)
           && error.message.endsWith(u'.'));
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArray bytes(reinterpret_cast<const char *>(data), qsizetype(size));
    const Result<QString> whole = EntryPath::fromEntryName(QString::fromUtf8(bytes));
    if (whole)
        checkName(QString::fromUtf8(bytes), *whole);
    else
        checkRefusal(whole.error());

    const qsizetype null = bytes.indexOf('\0');
    if (null < 0)
        return 0;
    const Result<QString> path = EntryPath::fromEntryName(QString::fromUtf8(bytes.first(null)));
    if (!path)
        return 0;
    const QString target = QString::fromUtf8(bytes.sliced(null + 1));
    const Result<> link = EntryPath::checkLinkTarget(*path, target);
    if (!link) {
        checkRefusal(link.error());
        return 0;
    }
    insist(!target.isEmpty() && !target.startsWith(u'/') && isHarmless(target));
    insist(staysInside(*path + QStringLiteral("/../") + target));
    return 0;
}
