// SPDX-License-Identifier: MIT
// libFuzzer target: manifests, which anybody may write. What it finds becomes a row of
// tst_manifestreader.
#include "fuzz/memoryfile.h"
#include "manifest/manifestreader.h"

#include <QLoggingCategory>

#include <algorithm>
#include <cstdlib>

using namespace Entracte;

static bool isIdLetter(QChar c)
{
    return c.unicode() < 0x80 && (c.isLetterOrNumber() || c == u'-' || c == u'_' || c == u'.');
}

static bool isControl(QChar c)
{
    return c.category() == QChar::Other_Control;
}

static bool isUsable(const Component &component)
{
    return !component.id.isEmpty() && component.payload.startsWith(u'/')
        && (component.sha256.isEmpty() || component.sha256.size() == 32);
}

/// What the rooms that work with a manifest take for granted.
static bool isUsable(const Manifest &manifest)
{
    const QString &id = manifest.product.id;
    const QString &target = manifest.targetDirectory;
    const qsizetype colour = manifest.branding.accentColor.size();
    return id.contains(u'.') && std::all_of(id.begin(), id.end(), isIdLetter)
        && !manifest.product.version.isNull() && target.startsWith(u'/')
        && std::none_of(target.begin(), target.end(), isControl) && (colour == 0 || colour == 7)
        && !manifest.components.isEmpty()
        && std::all_of(manifest.components.begin(), manifest.components.end(),
                       [](const Component &component) { return isUsable(component); });
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static MemoryFile file;
    [[maybe_unused]] static const bool isSilent =
        (QLoggingCategory::setFilterRules(QStringLiteral("*=false")), true);
    file.fill(data, size);

    // Every complaint says where, and at a line that the file has.
    const QList<Error> complaints = ManifestReader::lint(file.name());
    const QString beginning = file.name() + u':';
    const qsizetype lines = std::count(data, data + size, uint8_t('\n')) + 1;
    int before = 0;
    for (const Error &complaint : complaints) {
        const QString &message = complaint.message;
        if (complaint.code != ErrorCode::BadManifest || !message.startsWith(beginning))
            std::abort();
        const QStringView rest = QStringView(message).sliced(beginning.size());
        const int line = rest.first(std::max(qsizetype(0), rest.indexOf(u':'))).toInt();
        if (line < 1 || line > lines || line < before)
            std::abort();
        before = line;
    }

    // Whoever has nothing to complain about has a manifest to work with.
    if (complaints.isEmpty()) {
        const Result<Manifest> manifest = ManifestReader::read(file.name());
        if (!manifest || !isUsable(*manifest))
            std::abort();
    }
    return 0;
}
