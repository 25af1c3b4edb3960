// SPDX-License-Identifier: MIT
#pragma once

#include <QList>
#include <QMap>
#include <QString>
#include <QStringList>
#include <QVersionNumber>

#include <chrono>
#include <optional>

namespace Entracte {

/// The only manifest format there is so far; written as "formatVersion" in every manifest.
inline constexpr int manifestFormatVersion = 1;

/// What to do about applications that use files we replace (design section 3; manifest key
/// "inUse.policy", option --in-use). The same six words everywhere.
enum class InUsePolicy { Ask, Close, Force, Skip, Defer, Fail };

/// What becomes of a file that somebody edited, or that is foreign and in the way, when another is
/// offered for its name (manifest key "editedFiles").
enum class EditedFilePolicy {
    Replace, ///< the offered one takes the name; the edited one is saved beside as `.saved`
    Keep,    ///< the edited one keeps the name; the offered one comes beside as `.new`
    Merge,   ///< a program makes one of both; if it does not, the edited one is kept
};

/// Text that a manifest gives either as one string or per language: {"en": "…", "fr": "…"}.
class LocalizedText
{
public:
    LocalizedText() = default;
    LocalizedText(const QString &text)
        : m_texts{{QString(), text}}
    {
    }
    explicit LocalizedText(const QMap<QString, QString> &texts)
        : m_texts(texts)
    {
    }

    bool isEmpty() const { return m_texts.isEmpty(); }

    /// The text for \a language ("fr", or "fr_CA" which falls back to "fr"), else English, else
    /// any.
    QString in(const QString &language) const;

    const QMap<QString, QString> &all() const { return m_texts; }

private:
    QMap<QString, QString> m_texts;
};

struct Product
{
    QString id; ///< reverse domain name: "org.example.aurora"
    QString name;
    QVersionNumber version;
    QString publisher;
};

/// A part of the product that is installed as a whole.
struct Component
{
    QString id;
    LocalizedText name;
    LocalizedText description;
    bool required = false;
    bool selected = true;
    QString payload;   ///< absolute path of the ZIP archive
    QByteArray sha256; ///< 32 raw bytes of the archive's digest; empty if the manifest says none
};

/// Another installer that runs as part of this installation, as a secondary of its session.
struct ChainedInstaller
{
    QString name;    ///< for people
    QString program; ///< absolute path
    QStringList arguments;
    bool required = false; ///< without it, ours is not installed either
};

/// What to do about the edited ones among some files.
struct EditedFilesRule
{
    /// Path relative to the target: `?` and `*` stand for what is within one folder, `**` for
    /// folders too.
    QString files;
    EditedFilePolicy policy = EditedFilePolicy::Replace;
    QString program; ///< Merge only: absolute path; its arguments are EDITED OFFERED RESULT

    bool matches(const QString &path) const;
};

struct Branding
{
    QString logo;          ///< absolute path of an SVG or PNG; empty: no logo
    LocalizedText licence; ///< absolute path per language of a Markdown or text file; empty: none
    QString accentColor;   ///< "#RRGGBB"; empty: the desktop's own
};

/// What is offered: the manifest file as plain values, every path absolute, every rule checked.
/// Made by ManifestReader; never changed afterwards.
struct Manifest
{
    QString fileName; ///< absolute path of the manifest itself
    Product product;
    QString targetDirectory; ///< default target, absolute, variables expanded
    Branding branding;
    QList<Component> components; ///< at least one
    InUsePolicy inUsePolicy = InUsePolicy::Ask;
    /// How long a service that may be ended is given to stop; where it may not, the limit is its
    /// unit's own (spec 71, manifest key "inUse.serviceTimeout", option --service-timeout).
    std::chrono::seconds serviceTimeout{20};
    bool relaunch = true;          ///< bring back what was closed
    QList<ChainedInstaller> chain; ///< run beside ours, in this order of starting
    QList<EditedFilesRule> editedFiles;

    /// The first rule that matches \a path, else one that says Replace.
    EditedFilesRule ruleForEdited(const QString &path) const;
};

/// The word of \a policy in manifests and on the command line ("ask"), and back: nullopt for
/// others.
QString toWord(InUsePolicy policy);
std::optional<InUsePolicy> inUsePolicyFrom(const QString &word);

/// The policy that manifests call \a word ("keep"); nullopt for others.
std::optional<EditedFilePolicy> editedFilePolicyFrom(const QString &word);

} // namespace Entracte
