<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en">
<context>
    <name>Entracte::ApplicationRow</name>
    <message numerus="yes">
        <source>Uses %1 and %n more file(s)</source>
        <comment>files-in-use dialog, row</comment>
        <translation>
            <numerusform>Uses %1 and %n more file</numerusform>
            <numerusform>Uses %1 and %n more files</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Entracte::ClosingPreview</name>
    <message numerus="yes">
        <source>%n window(s) would be asked to close, as their own button does.</source>
        <comment>entracte ask</comment>
        <translation>
            <numerusform>%n window would be asked to close, as its own button does.</numerusform>
            <numerusform>%n windows would be asked to close, as their own button does.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Entracte::Commands</name>
    <message numerus="yes">
        <source>%n process(es) of other users could not be inspected.</source>
        <comment>in-use result</comment>
        <translation>
            <numerusform>%n process of another user could not be inspected.</numerusform>
            <numerusform>%n processes of other users could not be inspected.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n entries, %1, packed in “%2”, %3.</source>
        <comment>pack result; %1, %3: size</comment>
        <translation>
            <numerusform>%n entry, %1, packed in “%2”, %3.</numerusform>
            <numerusform>%n entries, %1, packed in “%2”, %3.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Entracte::FilesInUseDialog</name>
    <message numerus="yes">
        <source>Waiting for %n application(s) to close</source>
        <comment>files-in-use dialog, title</comment>
        <translation>
            <numerusform>Waiting for %n application to close</numerusform>
            <numerusform>Waiting for %n applications to close</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n application(s) are using files that will be replaced</source>
        <comment>files-in-use dialog, title</comment>
        <translation>
            <numerusform>%n application is using files that will be replaced</numerusform>
            <numerusform>%n applications are using files that will be replaced</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>If you continue without closing, they keep using the old version until you close them yourself.</source>
        <comment>files-in-use dialog, text</comment>
        <translation>
            <numerusform>If you continue without closing, it keeps using the old version until you close it yourself.</numerusform>
            <numerusform>If you continue without closing, they keep using the old version until you close them yourself.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>They will be closed and opened again when %1 is in place. Each of them may ask you to save your work first.</source>
        <comment>files-in-use dialog, text</comment>
        <translation>
            <numerusform>It will be closed and opened again when %1 is in place. It may ask you to save your work first.</numerusform>
            <numerusform>They will be closed and opened again when %1 is in place. Each of them may ask you to save your work first.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n process(es) of other users could not be looked into; they may use these files too.</source>
        <comment>files-in-use dialog, text</comment>
        <translation>
            <numerusform>%n process of another user could not be looked into; it may use these files too.</numerusform>
            <numerusform>%n processes of other users could not be looked into; they may use these files too.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n application(s) must stay open, so the files cannot be freed from here. You can continue without closing, or cancel.</source>
        <comment>files-in-use dialog, text</comment>
        <translation>
            <numerusform>%n application must stay open, so the files cannot be freed from here. You can continue without closing, or cancel.</numerusform>
            <numerusform>%n applications must stay open, so the files cannot be freed from here. You can continue without closing, or cancel.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>If you continue without closing, they keep using the old version until they are started anew, with the computer at the latest.</source>
        <comment>files-in-use dialog, text</comment>
        <translation>
            <numerusform>If you continue without closing, it keeps using the old version until it is started anew, with the computer at the latest.</numerusform>
            <numerusform>If you continue without closing, they keep using the old version until they are started anew, with the computer at the latest.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Entracte::FinishedPage</name>
    <message numerus="yes">
        <source>%1 was closed and is open again.</source>
        <comment>finished page</comment>
        <translation>
            <numerusform>%1 was closed and is open again.</numerusform>
            <numerusform>%1 were closed and are open again.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 uses the old version until it is closed.</source>
        <comment>finished page</comment>
        <translation>
            <numerusform>%1 uses the old version until it is closed.</numerusform>
            <numerusform>%1 use the old version until they are closed.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Entracte::MergeProgram</name>
    <message numerus="yes">
        <source>“%1” did not end within %n second(s).</source>
        <comment>error message</comment>
        <translation>
            <numerusform>“%1” did not end within %n second.</numerusform>
            <numerusform>“%1” did not end within %n seconds.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Entracte::ProgressPage</name>
    <message numerus="yes">
        <source>%1 of %2, about %n second(s) left</source>
        <comment>progress page; %1 and %2 are sizes</comment>
        <translation>
            <numerusform>%1 of %2, about %n second left</numerusform>
            <numerusform>%1 of %2, about %n seconds left</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2, about %n minute(s) left</source>
        <comment>progress page; %1 and %2 are sizes</comment>
        <translation>
            <numerusform>%1 of %2, about %n minute left</numerusform>
            <numerusform>%1 of %2, about %n minutes left</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Entracte::ReadyPage</name>
    <message numerus="yes">
        <source>%n application(s) will have to close for a moment. You will be asked first, and they are opened again afterwards.</source>
        <comment>ready page</comment>
        <translation>
            <numerusform>%n application will have to close for a moment. You will be asked first, and it is opened again afterwards.</numerusform>
            <numerusform>%n applications will have to close for a moment. You will be asked first, and they are opened again afterwards.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Entracte::RestartOffer</name>
    <message numerus="yes">
        <source>%1 is logged in too; a restart ends what is being done there.</source>
        <comment>finished page; %1 is one or more names</comment>
        <translation>
            <numerusform>%1 is logged in too; a restart ends what is being done there.</numerusform>
            <numerusform>%1 are logged in too; a restart ends what is being done there.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>The computer restarts in %n second(s). Save your work.</source>
        <comment>finished page</comment>
        <translation>
            <numerusform>The computer restarts in %n second. Save your work.</numerusform>
            <numerusform>The computer restarts in %n seconds. Save your work.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Entracte::ServiceCloser</name>
    <message numerus="yes">
        <source>Is being stopped; ended if it takes longer than %n second(s).</source>
        <comment>state of an application</comment>
        <translation>
            <numerusform>Is being stopped; ended if it takes longer than %n second.</numerusform>
            <numerusform>Is being stopped; ended if it takes longer than %n seconds.</numerusform>
        </translation>
    </message>
</context>
</TS>
