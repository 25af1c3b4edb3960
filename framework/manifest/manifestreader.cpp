// SPDX-License-Identifier: MIT
#include "manifest/manifestreader.h"

#include "core/logging.h"
#include "manifest/keylocator.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QSet>

#include <algorithm>
#include <cstdlib>

#include <unistd.h>

using namespace Qt::StringLiterals;

namespace Entracte {

namespace {

/// How far apart two words are: insertions, deletions and changes of one letter.
int distance(const QString &a, const QString &b)
{
    QList<int> row(b.size() + 1);
    for (int j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (int i = 1; i <= a.size(); ++i) {
        int diagonal = std::exchange(row[0], i);
        for (int j = 1; j <= b.size(); ++j) {
            const int change = diagonal + (a.at(i - 1) == b.at(j - 1) ? 0 : 1);
            diagonal = std::exchange(row[j], std::min({change, row[j] + 1, row[j - 1] + 1}));
        }
    }
    return row.last();
}

/// The one of \a known that \a word may have been meant to be: at most two letters away.
QString nearest(const QString &word, const QStringList &known)
{
    QString closest;
    qsizetype smallest = 3;
    for (const QString &candidate : known) {
        if (std::abs(candidate.size() - word.size()) >= smallest)
            continue; // the lengths alone are too far apart; a key may be a megabyte long
        if (const int apart = distance(word, candidate); apart < smallest) {
            smallest = apart;
            closest = candidate;
        }
    }
    return closest;
}

bool isControl(QChar character)
{
    return character.category() == QChar::Other_Control;
}

QString applicationsDirectory()
{
    return geteuid() == 0 ? u"/opt"_s : QDir::homePath() + u"/.local/opt"_s;
}

} // namespace

/// Walks the document once, collecting a Manifest and every complaint on the way.
class ManifestWalk
{
    Q_DECLARE_TR_FUNCTIONS(Entracte::ManifestReader)

public:
    ManifestWalk(const QString &fileName, const QByteArray &json)
        : m_file(fileName)
        , m_locator(json)
    {
        m_manifest.fileName = QFileInfo(fileName).absoluteFilePath();
    }

    void readDocument(const QJsonObject &root);

    const Manifest &manifest() const { return m_manifest; }
    QList<Error> errorsInFileOrder() const;

private:
    void readProduct(const QJsonObject &product);
    void readBranding(const QJsonObject &branding);
    void readComponents(const QJsonArray &components);
    Component readComponent(const QString &path, const QJsonObject &object);
    void readInUse(const QJsonObject &inUse);
    void readChain(const QJsonArray &chain);
    ChainedInstaller readChainedInstaller(const QString &path, const QJsonObject &object);
    void readEditedFiles(const QJsonArray &rules);
    EditedFilesRule readEditedFilesRule(const QString &path, const QJsonObject &object);

    void expectKeys(const QString &path, const QJsonObject &object, const QStringList &required,
                    const QStringList &optional);
    QString string(const QString &path, const QJsonValue &value);
    bool boolean(const QString &path, const QJsonValue &value, bool fallback);
    std::chrono::seconds seconds(const QString &path, const QJsonValue &value,
                                 std::chrono::seconds fallback);
    QJsonObject object(const QString &path, const QJsonValue &value);
    LocalizedText text(const QString &path, const QJsonValue &value);
    LocalizedText files(const QString &path, const QJsonValue &value);
    QString existingFile(const QString &path, const QString &name);
    QString program(const QString &path, const QJsonValue &value);
    QString expandedDirectory(const QString &path, const QString &text);

    void complain(const QString &path, const QString &sentence);

    static QString join(const QString &path, const QString &key)
    {
        return path.isEmpty() ? key : path + u'.' + key;
    }

    QString m_file;
    KeyLocator m_locator;
    Manifest m_manifest;
    QList<std::pair<int, QString>> m_complaints;
};

void ManifestWalk::readDocument(const QJsonObject &root)
{
    for (const auto &[path, line] : m_locator.repeated())
        m_complaints.append({line, tr("The key “%1” is given twice.", "manifest error").arg(path)});

    const QJsonValue version = root.value("formatVersion"_L1);
    if (version.isDouble() && version.toDouble() > manifestFormatVersion) {
        return complain(u"formatVersion"_s,
                        tr("This manifest has format %1; this version of Entracte reads formats up "
                           "to %2.",
                           "manifest error")
                            .arg(version.toDouble())
                            .arg(manifestFormatVersion));
    }
    expectKeys({}, root, {u"formatVersion"_s, u"product"_s, u"targetDirectory"_s, u"components"_s},
               {u"branding"_s, u"inUse"_s, u"chain"_s, u"editedFiles"_s});
    if (root.contains("formatVersion"_L1) && version.toDouble() != manifestFormatVersion)
        complain(u"formatVersion"_s, tr("“formatVersion” must be the number %1.", "manifest error")
                                         .arg(manifestFormatVersion));

    if (root.contains("product"_L1))
        readProduct(object(u"product"_s, root.value("product"_L1)));
    if (root.contains("targetDirectory"_L1))
        m_manifest.targetDirectory = expandedDirectory(
            u"targetDirectory"_s, string(u"targetDirectory"_s, root.value("targetDirectory"_L1)));
    if (root.contains("branding"_L1))
        readBranding(object(u"branding"_s, root.value("branding"_L1)));
    if (const QJsonValue components = root.value("components"_L1); components.isArray())
        readComponents(components.toArray());
    else if (!components.isUndefined())
        complain(u"components"_s,
                 tr("“%1” must be a list.", "manifest error").arg(u"components"_s));
    if (root.contains("inUse"_L1))
        readInUse(object(u"inUse"_s, root.value("inUse"_L1)));
    if (const QJsonValue chain = root.value("chain"_L1); chain.isArray())
        readChain(chain.toArray());
    else if (!chain.isUndefined())
        complain(u"chain"_s, tr("“%1” must be a list.", "manifest error").arg(u"chain"_s));
    if (const QJsonValue rules = root.value("editedFiles"_L1); rules.isArray())
        readEditedFiles(rules.toArray());
    else if (!rules.isUndefined())
        complain(u"editedFiles"_s,
                 tr("“%1” must be a list.", "manifest error").arg(u"editedFiles"_s));
}

void ManifestWalk::readProduct(const QJsonObject &product)
{
    static const QRegularExpression idPattern(
        u"^[A-Za-z0-9][A-Za-z0-9_-]*(\\.[A-Za-z0-9_-]+)+\\z"_s);
    const QString path = u"product"_s;
    expectKeys(path, product, {u"id"_s, u"name"_s, u"version"_s}, {u"publisher"_s});

    m_manifest.product.id = string(u"product.id"_s, product.value("id"_L1));
    m_manifest.product.name = string(u"product.name"_s, product.value("name"_L1));
    m_manifest.product.publisher = string(u"product.publisher"_s, product.value("publisher"_L1));
    if (!m_manifest.product.id.isEmpty() && !idPattern.match(m_manifest.product.id).hasMatch())
        complain(
            u"product.id"_s,
            tr("“%1” is not a reverse domain name such as org.example.product.", "manifest error")
                .arg(m_manifest.product.id));

    const QString version = string(u"product.version"_s, product.value("version"_L1));
    qsizetype end = 0;
    m_manifest.product.version = QVersionNumber::fromString(version, &end);
    if (!version.isEmpty() && (m_manifest.product.version.isNull() || end != version.size()))
        complain(u"product.version"_s,
                 tr("“%1” is not a version such as 2.1.0.", "manifest error").arg(version));
}

void ManifestWalk::readBranding(const QJsonObject &branding)
{
    static const QRegularExpression colour(u"^#[0-9A-Fa-f]{6}\\z"_s);
    expectKeys(u"branding"_s, branding, {}, {u"logo"_s, u"licence"_s, u"accentColor"_s});

    if (branding.contains("logo"_L1))
        m_manifest.branding.logo =
            existingFile(u"branding.logo"_s, string(u"branding.logo"_s, branding.value("logo"_L1)));
    if (branding.contains("licence"_L1))
        m_manifest.branding.licence = files(u"branding.licence"_s, branding.value("licence"_L1));
    m_manifest.branding.accentColor =
        string(u"branding.accentColor"_s, branding.value("accentColor"_L1));
    const QString accent = m_manifest.branding.accentColor;
    if (!accent.isEmpty() && !colour.match(accent).hasMatch())
        complain(u"branding.accentColor"_s,
                 tr("“%1” is not a colour such as #2E7D6B.", "manifest error").arg(accent));
}

void ManifestWalk::readComponents(const QJsonArray &components)
{
    if (components.isEmpty())
        complain(u"components"_s, tr("There must be at least one component.", "manifest error"));

    QSet<QString> ids;
    for (int i = 0; i < components.size(); ++i) {
        const QString path = u"components[%1]"_s.arg(i);
        const Component component = readComponent(path, object(path, components.at(i)));
        if (!component.id.isEmpty() && ids.contains(component.id))
            complain(path + u".id"_s,
                     tr("Two components have the id “%1”.", "manifest error").arg(component.id));
        ids.insert(component.id);
        m_manifest.components.append(component);
    }
}

Component ManifestWalk::readComponent(const QString &path, const QJsonObject &object)
{
    static const QRegularExpression digest(u"^[0-9a-fA-F]{64}\\z"_s);
    expectKeys(path, object, {u"id"_s, u"name"_s, u"payload"_s},
               {u"description"_s, u"required"_s, u"selected"_s, u"sha256"_s});

    Component component;
    component.id = string(path + u".id"_s, object.value("id"_L1));
    component.name = text(path + u".name"_s, object.value("name"_L1));
    component.description = text(path + u".description"_s, object.value("description"_L1));
    component.required = boolean(path + u".required"_s, object.value("required"_L1), false);
    component.selected = boolean(path + u".selected"_s, object.value("selected"_L1), true);
    if (object.contains("payload"_L1))
        component.payload = existingFile(path + u".payload"_s,
                                         string(path + u".payload"_s, object.value("payload"_L1)));

    const QString sha256 = string(path + u".sha256"_s, object.value("sha256"_L1));
    if (!sha256.isEmpty() && !digest.match(sha256).hasMatch())
        complain(path + u".sha256"_s, tr("A SHA-256 has 64 hexadecimal digits.", "manifest error"));
    component.sha256 = QByteArray::fromHex(sha256.toLatin1());
    return component;
}

void ManifestWalk::readChain(const QJsonArray &chain)
{
    for (int i = 0; i < chain.size(); ++i) {
        const QString path = u"chain[%1]"_s.arg(i);
        m_manifest.chain.append(readChainedInstaller(path, object(path, chain.at(i))));
    }
}

ChainedInstaller ManifestWalk::readChainedInstaller(const QString &path, const QJsonObject &object)
{
    expectKeys(path, object, {u"name"_s, u"program"_s}, {u"arguments"_s, u"required"_s});

    ChainedInstaller installer;
    installer.name = string(path + u".name"_s, object.value("name"_L1));
    installer.required = boolean(path + u".required"_s, object.value("required"_L1), false);
    installer.program = program(path + u".program"_s, object.value("program"_L1));
    const QJsonValue arguments = object.value("arguments"_L1);
    if (!arguments.isUndefined() && !arguments.isArray())
        complain(path + u".arguments"_s,
                 tr("“%1” must be a list.", "manifest error").arg(path + u".arguments"_s));
    for (const QJsonValue argument : arguments.toArray())
        installer.arguments.append(string(path + u".arguments"_s, argument));
    return installer;
}

void ManifestWalk::readEditedFiles(const QJsonArray &rules)
{
    for (int i = 0; i < rules.size(); ++i) {
        const QString path = u"editedFiles[%1]"_s.arg(i);
        m_manifest.editedFiles.append(readEditedFilesRule(path, object(path, rules.at(i))));
    }
}

EditedFilesRule ManifestWalk::readEditedFilesRule(const QString &path, const QJsonObject &object)
{
    const QString word = string(path + u".policy"_s, object.value("policy"_L1));
    const std::optional<EditedFilePolicy> policy = editedFilePolicyFrom(word);
    QStringList required{u"files"_s, u"policy"_s};
    if (policy == EditedFilePolicy::Merge)
        required.append(u"program"_s);
    expectKeys(path, object, required, {u"program"_s});
    if (!word.isEmpty() && !policy)
        complain(path + u".policy"_s,
                 tr("“%1” is not one of replace, keep and merge.", "manifest error").arg(word));
    if (policy && policy != EditedFilePolicy::Merge && object.contains("program"_L1))
        complain(
            path + u".program"_s,
            tr("“%1” is only for the policy “merge”.", "manifest error").arg(path + u".program"_s));

    EditedFilesRule rule;
    rule.policy = policy.value_or(EditedFilePolicy::Replace);
    rule.program = program(path + u".program"_s, object.value("program"_L1));
    rule.files = string(path + u".files"_s, object.value("files"_L1));
    const QStringList names = rule.files.split(u'/');
    const bool leadsElsewhere = std::any_of(names.cbegin(), names.cend(), [](const QString &name) {
        return name.isEmpty() || name == "."_L1 || name == ".."_L1;
    });
    if (!rule.files.isEmpty() && leadsElsewhere)
        complain(path + u".files"_s,
                 tr("“%1” must be a path below the target, such as etc/*.conf.", "manifest error")
                     .arg(path + u".files"_s));
    return rule;
}

void ManifestWalk::readInUse(const QJsonObject &inUse)
{
    expectKeys(u"inUse"_s, inUse, {}, {u"policy"_s, u"relaunch"_s, u"serviceTimeout"_s});
    m_manifest.relaunch = boolean(u"inUse.relaunch"_s, inUse.value("relaunch"_L1), true);

    m_manifest.serviceTimeout = seconds(u"inUse.serviceTimeout"_s, inUse.value("serviceTimeout"_L1),
                                        m_manifest.serviceTimeout);

    const QString word = string(u"inUse.policy"_s, inUse.value("policy"_L1));
    if (word.isEmpty())
        return;
    if (const std::optional<InUsePolicy> policy = inUsePolicyFrom(word))
        m_manifest.inUsePolicy = *policy;
    else
        complain(u"inUse.policy"_s,
                 tr("“%1” is not one of ask, close, force, skip, defer and fail.", "manifest error")
                     .arg(word));
}

void ManifestWalk::expectKeys(const QString &path, const QJsonObject &object,
                              const QStringList &required, const QStringList &optional)
{
    const QStringList known = required + optional;
    const QStringList present = object.keys();
    for (const QString &key : present) {
        if (known.contains(key))
            continue;
        const QString suggestion = nearest(key, known);
        complain(join(path, key),
                 suggestion.isEmpty()
                     ? tr("The key “%1” is not known.", "manifest error").arg(join(path, key))
                     : tr("The key “%1” is not known; did you mean “%2”?", "manifest error")
                           .arg(join(path, key), suggestion));
    }
    for (const QString &key : required)
        if (!present.contains(key))
            complain(join(path, key),
                     tr("The key “%1” is missing.", "manifest error").arg(join(path, key)));
}

QString ManifestWalk::string(const QString &path, const QJsonValue &value)
{
    if (value.isUndefined())
        return {};
    if (!value.isString()) {
        complain(path, tr("“%1” must be a text.", "manifest error").arg(path));
        return {};
    }
    if (value.toString().trimmed().isEmpty())
        complain(path, tr("“%1” must not be empty.", "manifest error").arg(path));
    return value.toString();
}

bool ManifestWalk::boolean(const QString &path, const QJsonValue &value, bool fallback)
{
    if (!value.isUndefined() && !value.isBool())
        complain(path, tr("“%1” must be true or false.", "manifest error").arg(path));
    return value.toBool(fallback);
}

std::chrono::seconds ManifestWalk::seconds(const QString &path, const QJsonValue &value,
                                           std::chrono::seconds fallback)
{
    constexpr int most = 3600;
    const int number = value.toInt(); // 0 for what is no whole number
    if (!value.isUndefined() && (number < 1 || number > most))
        complain(path, tr("“%1” must be a whole number of seconds, from 1 to %2.", "manifest error")
                           .arg(path)
                           .arg(most));
    return value.isUndefined() ? fallback : std::chrono::seconds(number);
}

QJsonObject ManifestWalk::object(const QString &path, const QJsonValue &value)
{
    if (!value.isObject())
        complain(path, tr("“%1” must be an object.", "manifest error").arg(path));
    return value.toObject();
}

LocalizedText ManifestWalk::text(const QString &path, const QJsonValue &value)
{
    if (!value.isObject())
        return value.isUndefined() ? LocalizedText() : LocalizedText(string(path, value));

    QMap<QString, QString> texts;
    const QJsonObject object = value.toObject();
    for (auto entry = object.begin(); entry != object.end(); ++entry)
        texts.insert(entry.key(), string(join(path, entry.key()), entry.value()));
    if (texts.isEmpty())
        complain(path, tr("“%1” must not be empty.", "manifest error").arg(path));
    return LocalizedText(texts);
}

LocalizedText ManifestWalk::files(const QString &path, const QJsonValue &value)
{
    QMap<QString, QString> found;
    const LocalizedText names = text(path, value);
    for (auto name = names.all().cbegin(); name != names.all().cend(); ++name)
        found.insert(name.key(), existingFile(name.key().isEmpty() ? path : join(path, name.key()),
                                              name.value()));
    return LocalizedText(found);
}

QString ManifestWalk::existingFile(const QString &path, const QString &name)
{
    if (name.isEmpty())
        return {};
    const QFileInfo file(QFileInfo(m_manifest.fileName).dir(), name);
    if (!file.exists())
        complain(path, tr("The file “%1” does not exist.", "manifest error").arg(file.filePath()));
    else if (!file.isFile() || !file.isReadable())
        complain(path, tr("The file “%1” cannot be read.", "manifest error").arg(file.filePath()));
    return file.absoluteFilePath();
}

QString ManifestWalk::program(const QString &path, const QJsonValue &value)
{
    const QFileInfo file(existingFile(path, string(path, value)));
    if (file.isFile() && !file.isExecutable())
        complain(path,
                 tr("The file “%1” cannot be executed.", "manifest error").arg(file.filePath()));
    return file.filePath();
}

QString ManifestWalk::expandedDirectory(const QString &path, const QString &text)
{
    static const QRegularExpression variable(u"@(\\w+)@"_s);
    QString expanded = text;
    expanded.replace(u"@HomeDir@"_s, QDir::homePath());
    expanded.replace(u"@ApplicationsDir@"_s, applicationsDirectory());
    if (const auto unknown = variable.match(expanded); unknown.hasMatch())
        complain(path,
                 tr("The variable “%1” is not known; there are @HomeDir@ and @ApplicationsDir@.",
                    "manifest error")
                     .arg(unknown.captured()));
    else if (std::any_of(expanded.cbegin(), expanded.cend(), isControl))
        complain(path, tr("“%1” must not contain control characters.", "manifest error").arg(path));
    // To Qt, a path that begins with a colon is absolute: a resource of the program.
    else if (!text.isEmpty() && (!QDir::isAbsolutePath(expanded) || expanded.startsWith(u':')))
        complain(path, tr("“%1” must be an absolute folder.", "manifest error").arg(path));
    return QDir::cleanPath(expanded);
}

void ManifestWalk::complain(const QString &path, const QString &sentence)
{
    m_complaints.append({m_locator.lineOf(path), sentence});
}

QList<Error> ManifestWalk::errorsInFileOrder() const
{
    QList<std::pair<int, QString>> sorted = m_complaints;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto &a, const auto &b) { return a.first < b.first; });
    QList<Error> errors;
    for (const auto &[line, sentence] : sorted)
        errors.append({ErrorCode::BadManifest, u"%1:%2: %3"_s.arg(m_file).arg(line).arg(sentence)});
    return errors;
}

/// The whole reading: a manifest, and what is wrong with it.
static std::pair<Manifest, QList<Error>> examine(const QString &fileName)
{
    const auto only = [](const QString &sentence) {
        return std::pair{Manifest(), QList<Error>{{ErrorCode::BadManifest, sentence}}};
    };
    QFile file(fileName);
    if (!file.open(QIODevice::ReadOnly))
        return only(ManifestReader::tr("The manifest “%1” could not be read: %2.", "manifest error")
                        .arg(fileName, file.errorString()));
    const QByteArray json = file.readAll();

    QJsonParseError problem;
    const QJsonDocument document = QJsonDocument::fromJson(json, &problem);
    if (problem.error != QJsonParseError::NoError)
        return only(ManifestReader::tr("%1:%2: This is not valid JSON: %3.", "manifest error")
                        .arg(fileName)
                        .arg(KeyLocator::lineAt(json, problem.offset))
                        .arg(problem.errorString()));
    if (!document.isObject())
        return only(ManifestReader::tr("%1:1: A manifest is a JSON object.", "manifest error")
                        .arg(fileName));

    ManifestWalk walk(fileName, json);
    walk.readDocument(document.object());
    return {walk.manifest(), walk.errorsInFileOrder()};
}

Result<Manifest> ManifestReader::read(const QString &fileName)
{
    const auto [manifest, errors] = examine(fileName);
    if (!errors.isEmpty())
        return errors.first();
    qCInfo(lcManifest) << manifest.product.id << manifest.product.version << "from" << fileName;
    return manifest;
}

QList<Error> ManifestReader::lint(const QString &fileName)
{
    return examine(fileName).second;
}

} // namespace Entracte
