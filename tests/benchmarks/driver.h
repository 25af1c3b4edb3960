// SPDX-License-Identifier: MIT
#pragma once

#include "core/result.h"
#include "payload/payloadextractor.h"
#include "payload/payloadsurvey.h"

#include <QElapsedTimer>
#include <QJsonObject>
#include <QStringList>
#include <QVersionNumber>

#include <memory>
#include <span>

/// What the drivers of `run payload` share. A driver is called
///
///     driver VERB ARGUMENT… [--no-digest] [--no-sync]
///
/// does one thing, and prints one line of JSON: the microseconds of each phase, and
/// "peakResident", the most kilobytes that were ever resident. Status 0: done. 1: failed, with a
/// sentence on stderr. 2: wrong usage.
namespace Driver {

/// What is left out, so that the price of it can be measured.
struct Switches
{
    bool digest = true; ///< SHA-256 of every file, beside its CRC
    bool sync = true;   ///< wait until the disk has it
};

using Outcome = Entracte::Result<QJsonObject>; ///< the phases

/// Times one phase after the other.
class Phases
{
public:
    Phases() { m_timer.start(); }

    void end(const QString &name)
    {
        m_phases.insert(name, m_timer.nsecsElapsed() / 1000);
        m_timer.start();
    }

    const QJsonObject &all() const { return m_phases; }

private:
    QElapsedTimer m_timer;
    QJsonObject m_phases;
};

struct Verb
{
    QLatin1StringView name;
    qsizetype arguments;
    Outcome (*perform)(const QStringList &, const Switches &);
    const char *help;
};

/// The whole of main().
int run(int argc, char *argv[], std::span<const Verb> verbs);

/// What will be done to the folder \a target, and with what.
struct Task
{
    Entracte::PayloadSurvey survey;
    Entracte::InstallPlan plan;
};

/// One version over what stands there.
Entracte::Result<Task> prepare(const QString &archive, const QString &target,
                               const QVersionNumber &version, Phases &phases);

std::unique_ptr<Entracte::PayloadExtractor> makeExtractor(const Task &task,
                                                          const Switches &switches);

/// Returns when everything is staged, or why it is not.
Entracte::Result<> stage(Entracte::PayloadExtractor &extractor);

} // namespace Driver
