// SPDX-License-Identifier: MIT
#include "faults/sampleversions.h"

#include "support/samplepayload.h"
#include "transaction/receiptfile.h"

#include <algorithm>
#include <array>
#include <utility>

using namespace Entracte;
using Kind = FileNode::Kind;

namespace SampleVersions {

namespace {

/// What an installation keeps in the target for itself.
constexpr std::array<std::string_view, 4> ownPaths{".entracte", ".entracte/receipt",
                                                   ".entracte/receipt.json", ".entracte/seal"};

const std::string offeredBeside = std::string(keptPath) + ".new";

/// Bytes that do not compress to nothing and tell where they belong.
std::string filled(const std::string &name, size_t size)
{
    std::string bytes = name + '\n';
    unsigned state = 1;
    for (const char letter : name)
        state = state * 31 + unsigned(letter);
    while (bytes.size() < size) {
        state = state * 1664525 + 1013904223;
        bytes.push_back(char(state >> 24));
    }
    return bytes;
}

/// Gives the saved edit of \a path the name that it is expected to have.
void nameSavedEdit(FileTree &tree, const std::string &path)
{
    const std::string saved = path + ".saved";
    const auto found = tree.lower_bound(saved);
    if (found == tree.end() || !found->first.starts_with(saved))
        return;
    auto node = tree.extract(found);
    node.key() = saved;
    tree.insert(std::move(node));
}

/// The version that the receipt in \a target tells; 0 without one, -1 if it is not true.
int versionIn(const std::string &target, std::string &reason)
{
    const Result<std::optional<Receipt>> read = ReceiptFile::read(QString::fromStdString(target));
    if (!read) {
        reason = read.error().message.toStdString();
        return -1;
    }
    if (!*read)
        return 0;
    const int version = (*read)->version.majorVersion();
    const FileTree owned = brought(version);
    for (const auto &[path, node] : owned) {
        if (node.kind != Kind::Directory
            && !(*read)->files.contains(QString::fromStdString(path))) {
            reason = "the receipt does not know " + path;
            return -1;
        }
    }
    for (const QString &path : (*read)->files.keys()) {
        const bool isOfferedBeside = version > 1 && path.toStdString() == offeredBeside;
        if (!isOfferedBeside && !owned.contains(path.toStdString())) {
            reason = "the receipt knows " + path.toStdString();
            return -1;
        }
    }
    return version;
}

} // namespace

FileTree brought(int version)
{
    const bool isFirst = version == 1;
    const std::string which = isFirst ? "one" : "two";
    FileTree tree{
        {"", folder()},
        {"bin", folder()},
        {"bin/app", plainFile(filled("app " + which, 9000), 0755)},
        {"bin/tool", plainFile(filled("tool", 3000), 0755)},
        {"current", symbolicLink(isFirst ? "bin/app" : "bin/tool")},
        {"empty", folder(0750)},
        {"lib", folder()},
        {"lib/core.so", plainFile(filled("core " + which, isFirst ? 70'000 : 90'000))},
        {"lib/same.so", plainFile(filled("same", 40'000))},
        {"readonly", folder(0555)},
        {"readonly/data", plainFile(filled(version == 2 ? "data two" : "data one", 500), 0444)},
        {"share", folder()},
        {"share/edited.conf", plainFile("conf " + which + '\n')},
        {"share/kept.conf", plainFile("kept " + which + '\n')},
        {"share/modes", plainFile("modes\n", isFirst ? 0644 : 0600)},
        {"share/zero", plainFile("")},
    };
    if (isFirst) {
        tree["gone"] = folder();
        tree["gone/file"] = plainFile(filled("gone", 2000));
        tree["gone/link"] = symbolicLink("file");
        tree["old"] = folder();
        tree["old/only"] = folder();
        tree["old/only/ours"] = plainFile("ours\n");
    } else {
        tree["fresh"] = folder(0700);
        tree["fresh/deep"] = folder();
        tree["fresh/deep/file"] = plainFile(filled("fresh", 5000));
        tree["lib/new.so"] = plainFile(filled("new", 20'000), 0755);
        tree["lib/new.so.2"] = symbolicLink("new.so");
    }
    return tree;
}

bool pack(int version, const std::string &fileName)
{
    QList<SamplePayload::Entry> entries;
    for (const auto &[path, node] : brought(version)) {
        const QString name = QString::fromStdString(path);
        const QByteArray content = QByteArray::fromStdString(node.content);
        if (path.empty())
            continue;
        switch (node.kind) {
        case Kind::Directory:
            entries.append(SamplePayload::directory(name, uint(node.mode)));
            break;
        case Kind::Link:
            entries.append(SamplePayload::link(name, content));
            break;
        case Kind::File:
            entries.append(SamplePayload::file(name, content, uint(node.mode)));
            break;
        }
    }
    return SamplePayload::write(QString::fromStdString(fileName), entries);
}

const FileTree &foreign()
{
    static const FileTree tree = [] {
        FileTree made{
            {"bin/plugin", plainFile("their plug-in\n", 0755)},
            {"old/only/theirs", plainFile("theirs, where ours goes\n")},
            {"user", folder(0750)},
            {"user/empty", folder()},
            {"user/link", symbolicLink("../bin/app")},
            {"user/notes", plainFile("my notes\n", 0600)},
        };
        made["user/notes"].note = "mine";
        return made;
    }();
    return tree;
}

const std::set<std::string> &precious()
{
    static const std::set<std::string> bytes{"their plug-in\n", "theirs, where ours goes\n",
                                             "my notes\n", "conf, edited\n", "kept, edited\n"};
    return bytes;
}

FileTree installed(int version)
{
    const std::string saved = std::string(editedPath) + ".saved";
    FileTree tree = version == 0 ? FileTree{} : brought(version);
    tree.insert(foreign().begin(), foreign().end());
    if (version == 1) {
        tree[editedPath].content = "conf, edited\n";
        tree[keptPath].content = "kept, edited\n";
        return tree;
    }
    tree["old"] = folder();
    tree["old/only"] = folder();
    tree[saved] = plainFile("conf, edited\n");
    if (version == 0) {
        for (const char *const path : {"", "bin", "share"})
            tree[path] = folder();
        tree[std::string(keptPath) + ".saved"] = plainFile("kept, edited\n");
    } else {
        tree[offeredBeside] = std::exchange(tree[keptPath], plainFile("kept, edited\n"));
    }
    return tree;
}

Verdict judge(const std::string &target, const State &old, const State &fresh)
{
    using enum Verdict::Kind;
    FileTree found = readTree(target);
    std::string reason;
    const int version = versionIn(target, reason);
    if (version != old.version && version != fresh.version)
        return {Neither, reason.empty() ? "there is no receipt" : reason};
    if (version != 0) {
        for (const std::string_view own : ownPaths)
            found.erase(std::string(own));
    }
    nameSavedEdit(found, editedPath);
    nameSavedEdit(found, keptPath);
    const bool isNew = version == fresh.version;
    reason = differences(isNew ? fresh.tree : old.tree, found);
    if (reason.empty())
        return {isNew ? New : Old, {}};
    return {Neither, (version == 0 ? "no receipt" : "version " + std::to_string(version)) + ", but "
                         + reason};
}

Verdict judgeOwned(const std::string &target, const std::set<std::string> &promised)
{
    using enum Verdict::Kind;
    const FileTree found = readTree(target);
    std::string reason;
    const int version = versionIn(target, reason);
    if (version < 1)
        return {Neither, reason.empty() ? "there is no receipt" : reason};

    const FileTree ours = brought(version);
    const FileTree others = brought(version == 1 ? 2 : 1);
    FileTree expected;
    FileTree there;
    for (const auto &[path, node] : ours) {
        if (path == editedPath || path == keptPath)
            continue; // of whoever wrote it last
        expected.insert({path, node});
        if (const auto at = found.find(path); at != found.end())
            there.insert(*at);
    }
    for (const auto &[path, node] : others) {
        if (node.kind != Kind::Directory && !ours.contains(path) && found.contains(path))
            there.insert(*found.find(path)); // expected is nothing
    }
    reason = differences(expected, there);
    if (!reason.empty())
        return {Neither, "version " + std::to_string(version) + ", but " + reason};

    for (const std::string &bytes : promised) {
        bool isFound = false;
        for (const auto &[path, node] : found)
            isFound = isFound || (node.kind == Kind::File && node.content == bytes);
        if (!isFound)
            return {Neither, "“" + bytes.substr(0, bytes.find('\n')) + "” is lost"};
    }
    for (const auto &[path, node] : found) {
        if (path.starts_with(".entracte/")
            && std::find(ownPaths.begin(), ownPaths.end(), path) == ownPaths.end())
            return {Neither, path + " was left"};
    }
    return {version == 2 ? New : Old, {}};
}

} // namespace SampleVersions
