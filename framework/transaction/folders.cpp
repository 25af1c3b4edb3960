// SPDX-License-Identifier: MIT
#include "transaction/folders.h"

#include "plan/besidename.h"
#include "plan/relativepath.h"

#include <QDir>

namespace Entracte {

QString freeName(const Directory &directory, const QString &path)
{
    QString name = besideName(path, savedTag, 1);
    for (int number = 2; directory.status(name); ++number)
        name = besideName(path, savedTag, number);
    return name;
}

Result<> makeFolders(Directory &directory, const QString &path)
{
    if (path.isEmpty() || directory.status(path))
        return {};
    const Result<> above = makeFolders(directory, parentOf(path));
    return above ? directory.makeDirectory(path, 0700) : above;
}

Result<> makeFoldersLike(Directory &directory, const Directory &model, const QString &path)
{
    if (path.isEmpty() || directory.status(path))
        return {};
    const Result<> above = makeFoldersLike(directory, model, parentOf(path));
    if (!above)
        return above;
    const std::optional<FileStatus> there = model.status(path);
    return there && there->isDirectory() ? directory.makeDirectoryLike(path, model, path)
                                         : directory.makeDirectory(path, 0755);
}

void removeIfEmpty(const QStringList &folders)
{
    for (auto folder = folders.crbegin(); folder != folders.crend(); ++folder)
        QDir().rmdir(*folder);
}

} // namespace Entracte
