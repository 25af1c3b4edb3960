// SPDX-License-Identifier: MIT
#include "ui/applicationrow.h"

#include "restart/affectedapplicationmodel.h"

#include <QCheckBox>
#include <QFileInfo>
#include <QGridLayout>
#include <QIcon>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QStyle>

using namespace Qt::StringLiterals;

namespace Entracte {

using Model = AffectedApplicationModel;

static constexpr int iconSize = 40;

static QIcon iconOf(const QString &name, const QStyle &style)
{
    const QIcon icon = name.startsWith(u'/') ? QIcon(name) : QIcon::fromTheme(name);
    return icon.isNull() ? style.standardIcon(QStyle::SP_DesktopIcon) : icon;
}

/// "aurora, libwords.so and 3 more": what a person needs; the tooltip has every path.
static QString shortList(const QStringList &paths)
{
    constexpr qsizetype shown = 3;
    QStringList names;
    for (const QString &path : paths.mid(0, shown))
        names.append(QFileInfo(path).fileName());
    const QString list = QLocale().createSeparatedList(names);
    return paths.size() <= shown
             ? ApplicationRow::tr("Uses %1", "files-in-use dialog, row").arg(list)
             : ApplicationRow::tr("Uses %1 and %n more file(s)", "files-in-use dialog, row",
                                  int(paths.size() - shown))
                   .arg(names.join(u", "_s));
}

static bool stayedOpen(ClosingState state)
{
    return state == ClosingState::Refused || state == ClosingState::NotResponding;
}

ApplicationRow::ApplicationRow(const QModelIndex &index, QWidget *parent)
    : QFrame(parent)
    , m_index(index)
    , m_process(index.data(Model::ProcessRole).value<UniqueProcess>())
    , m_icon(new QLabel(this))
    , m_name(new QLabel(this))
    , m_state(new QLabel(this))
    , m_files(new QLabel(this))
    , m_showQuestion(new QPushButton(this))
    , m_force(new QCheckBox(
          tr("&Force it to close; unsaved work in it is lost", "files-in-use dialog, row"), this))
{
    QFont bold = font();
    bold.setBold(true);
    m_name->setFont(bold);
    for (QLabel *label : {m_name, m_state, m_files}) {
        label->setTextFormat(Qt::PlainText); // the words may be a hostile program's
        label->setWordWrap(true);
    }
    m_files->setForegroundRole(QPalette::PlaceholderText);
    m_icon->setAlignment(Qt::AlignTop | Qt::AlignHCenter);
    m_icon->setFixedWidth(iconSize); // names line up, whatever size an icon comes in

    m_showQuestion->setAutoDefault(false); // Enter belongs to the dialog's own buttons

    auto *layout = new QGridLayout(this);
    layout->addWidget(m_icon, 0, 0, 5, 1);
    layout->addWidget(m_name, 0, 1);
    layout->addWidget(m_state, 1, 1);
    layout->addWidget(m_files, 2, 1);
    layout->addWidget(m_showQuestion, 3, 1, Qt::AlignLeading);
    layout->addWidget(m_force, 4, 1);
    layout->setColumnStretch(1, 1);
    layout->setHorizontalSpacing(14);
    layout->setVerticalSpacing(2);
    layout->setContentsMargins(12, 10, 12, 10);

    connect(m_force, &QCheckBox::toggled, this, &ApplicationRow::forceToggled);
    connect(m_showQuestion, &QPushButton::clicked, this,
            [this] { emit questionWanted(m_process); });
    refresh();
}

void ApplicationRow::refresh()
{
    const QString name = m_index.data(Model::NameRole).toString();
    const QString state = m_index.data(Model::StateTextRole).toString();
    const QStringList titles = m_index.data(Model::WindowTitlesRole).toStringList();
    const QStringList files = m_index.data(Model::FilesRole).toStringList();

    m_icon->setPixmap(iconOf(m_index.data(Model::IconNameRole).toString(), *style())
                          .pixmap(QSize(iconSize, iconSize), devicePixelRatioF()));
    m_icon->setAccessibleName(tr("Icon of %1", "files-in-use dialog, row").arg(name));
    m_name->setText(
        titles.isEmpty()
            ? name
            : tr("%1: %2", "an application and the title of its window").arg(name, titles.first()));
    m_state->setText(state);
    m_files->setText(shortList(files));
    m_files->setToolTip(files.join(u'\n'));
    setAccessibleName(tr("%1: %2", "an application and its state, read aloud").arg(name, state));

    const auto closing = m_index.data(Model::ClosingRole).value<ClosingState>();
    m_showQuestion->setText(tr("&Show the question of %1", "files-in-use dialog, row")
                                .arg(QString(name).replace(u'&', u"&&"_s)));
    m_showQuestion->setAccessibleName(
        tr("Show the question of %1", "files-in-use dialog, row").arg(name));
    m_showQuestion->setVisible(closing == ClosingState::WaitingForUser);

    const bool canForce = m_index.data(Model::CanBeForcedRole).toBool() && stayedOpen(closing);
    m_force->setVisible(canForce);
    m_force->setAccessibleName(
        tr("Force %1 to close; unsaved work in it is lost", "files-in-use dialog, row").arg(name));
}

bool ApplicationRow::mayBeForced() const
{
    return !m_force->isHidden() && m_force->isChecked();
}

} // namespace Entracte

#include "moc_applicationrow.cpp"
