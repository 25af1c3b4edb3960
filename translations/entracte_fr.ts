<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="fr">
<context>
    <name>Entracte::AffectedApplicationModel</name>
    <message>
        <source>Asked to close.</source>
        <comment>state of an application</comment>
        <translation>A reçu la demande de fermeture.</translation>
    </message>
    <message>
        <source>Waiting for you to answer its question.</source>
        <comment>state of an application</comment>
        <translation>Attend que vous répondiez à sa question.</translation>
    </message>
    <message>
        <source>Does not respond.</source>
        <comment>state of an application</comment>
        <translation>Ne répond pas.</translation>
    </message>
    <message>
        <source>Stayed open.</source>
        <comment>state of an application</comment>
        <translation>Est restée ouverte.</translation>
    </message>
    <message>
        <source>Could not be opened again.</source>
        <comment>state of an application</comment>
        <translation>N’a pas pu être rouverte.</translation>
    </message>
    <message>
        <source>Open again.</source>
        <comment>state of an application</comment>
        <translation>De nouveau ouverte.</translation>
    </message>
    <message>
        <source>Closed; will be opened again.</source>
        <comment>state of an application</comment>
        <translation>Fermée ; elle sera rouverte.</translation>
    </message>
    <message>
        <source>Open; cannot be opened again for you.</source>
        <comment>state of an application</comment>
        <translation>Ouverte ; elle ne pourra pas être rouverte pour vous.</translation>
    </message>
    <message>
        <source>Open.</source>
        <comment>state of an application</comment>
        <translation>Ouverte.</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>an application and its state, read aloud</comment>
        <translation>%1 : %2</translation>
    </message>
    <message>
        <source>Asked whether it may close.</source>
        <comment>state of an application</comment>
        <translation>On lui a demandé si elle peut se fermer.</translation>
    </message>
    <message>
        <source>Is being ended.</source>
        <comment>state of an application</comment>
        <translation>Est en train d’être arrêtée.</translation>
    </message>
    <message>
        <source>Closed; cannot be opened again for you.</source>
        <comment>state of an application</comment>
        <translation>Fermée ; elle ne pourra pas être rouverte pour vous.</translation>
    </message>
</context>
<context>
    <name>Entracte::Application</name>
    <message>
        <source>There is no display to show windows on; use --silent to install without them.</source>
        <comment>command line error</comment>
        <translation>Aucun écran n’est disponible pour afficher des fenêtres ; utilisez --silent pour installer sans elles.</translation>
    </message>
    <message>
        <source>Installation</source>
        <comment>window title</comment>
        <translation>Installation</translation>
    </message>
</context>
<context>
    <name>Entracte::ApplicationCloser</name>
    <message>
        <source>Cannot be asked to close; please close it yourself.</source>
        <comment>state of an application</comment>
        <translation>Ne peut pas recevoir de demande de fermeture ; veuillez la fermer vous-même.</translation>
    </message>
    <message>
        <source>Was asked to close and stayed open.</source>
        <comment>state of an application</comment>
        <translation>A reçu la demande de fermeture et est restée ouverte.</translation>
    </message>
    <message>
        <source>Stayed open after its question was answered.</source>
        <comment>state of an application</comment>
        <translation>Est restée ouverte après la réponse à sa question.</translation>
    </message>
    <message>
        <source>Does not respond.</source>
        <comment>state of an application</comment>
        <translation>Ne répond pas.</translation>
    </message>
    <message>
        <source>Programs run in it; please close them first.</source>
        <comment>state of an application</comment>
        <translation>Des programmes y sont en cours ; veuillez d’abord les fermer.</translation>
    </message>
</context>
<context>
    <name>Entracte::ApplicationRow</name>
    <message>
        <source>Uses %1</source>
        <comment>files-in-use dialog, row</comment>
        <translation>Utilise %1</translation>
    </message>
    <message numerus="yes">
        <source>Uses %1 and %n more file(s)</source>
        <comment>files-in-use dialog, row</comment>
        <translation>
            <numerusform>Utilise %1 et %n autre fichier</numerusform>
            <numerusform>Utilise %1 et %n autres fichiers</numerusform>
        </translation>
    </message>
    <message>
        <source>&amp;Force it to close; unsaved work in it is lost</source>
        <comment>files-in-use dialog, row</comment>
        <translation>F&amp;orcer sa fermeture ; le travail non enregistré sera perdu</translation>
    </message>
    <message>
        <source>Icon of %1</source>
        <comment>files-in-use dialog, row</comment>
        <translation>Icône de %1</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>an application and the title of its window</comment>
        <translation>%1 : %2</translation>
    </message>
    <message>
        <source>%1: %2</source>
        <comment>an application and its state, read aloud</comment>
        <translation>%1 : %2</translation>
    </message>
    <message>
        <source>Force %1 to close; unsaved work in it is lost</source>
        <comment>files-in-use dialog, row</comment>
        <translation>Forcer la fermeture de %1 ; le travail non enregistré sera perdu</translation>
    </message>
    <message>
        <source>&amp;Show the question of %1</source>
        <comment>files-in-use dialog, row</comment>
        <translation>Afficher la &amp;question de %1</translation>
    </message>
    <message>
        <source>Show the question of %1</source>
        <comment>files-in-use dialog, row</comment>
        <translation>Afficher la question de %1</translation>
    </message>
</context>
<context>
    <name>Entracte::ApplicationStarter</name>
    <message>
        <source>How it was started is not known.</source>
        <comment>state of an application</comment>
        <translation>On ignore comment elle avait été démarrée.</translation>
    </message>
    <message>
        <source>It ended right after it was opened again.</source>
        <comment>state of an application</comment>
        <translation>Elle s’est arrêtée juste après sa réouverture.</translation>
    </message>
    <message>
        <source>It did not start within the time allowed.</source>
        <comment>state of an application</comment>
        <translation>Elle n’a pas démarré dans le temps imparti.</translation>
    </message>
</context>
<context>
    <name>Entracte::Cancellation</name>
    <message>
        <source>The installation was cancelled.</source>
        <comment>error message</comment>
        <translation>L’installation a été annulée.</translation>
    </message>
</context>
<context>
    <name>Entracte::ClosingPreview</name>
    <message>
        <source>It is asked “may you close?” first and can say no with a reason.</source>
        <comment>entracte ask</comment>
        <translation>On lui demande d’abord « peux-tu te fermer ? » et elle peut refuser en donnant une raison.</translation>
    </message>
    <message>
        <source>It is not asked first: it does not link the handshake, so the request to close is the question.</source>
        <comment>entracte ask</comment>
        <translation>On ne lui demande rien d’abord : elle n’utilise pas ce dialogue, la demande de fermeture est donc la question.</translation>
    </message>
    <message>
        <source>It already shows a question that a person has to answer first.</source>
        <comment>entracte ask</comment>
        <translation>Elle affiche déjà une question à laquelle une personne doit d’abord répondre.</translation>
    </message>
    <message numerus="yes">
        <source>%n window(s) would be asked to close, as their own button does.</source>
        <comment>entracte ask</comment>
        <translation>
            <numerusform>%n fenêtre recevrait une demande de fermeture, comme par son propre bouton.</numerusform>
            <numerusform>%n fenêtres recevraient une demande de fermeture, comme par leur propre bouton.</numerusform>
        </translation>
    </message>
    <message>
        <source>It shows no window.</source>
        <comment>entracte ask</comment>
        <translation>Elle n’affiche aucune fenêtre.</translation>
    </message>
    <message>
        <source>None of its windows can be asked to close.</source>
        <comment>entracte ask</comment>
        <translation>Aucune de ses fenêtres ne peut recevoir de demande de fermeture.</translation>
    </message>
    <message>
        <source>It handles the request to terminate (SIGTERM).</source>
        <comment>entracte ask</comment>
        <translation>Elle traite la demande de terminaison (SIGTERM).</translation>
    </message>
    <message>
        <source>It ignores the request to terminate (SIGTERM).</source>
        <comment>entracte ask</comment>
        <translation>Elle ignore la demande de terminaison (SIGTERM).</translation>
    </message>
    <message>
        <source>The request to terminate (SIGTERM) would end it without saving, so it is sent only by force.</source>
        <comment>entracte ask</comment>
        <translation>La demande de terminaison (SIGTERM) l’arrêterait sans enregistrer ; elle n’est donc envoyée que de force.</translation>
    </message>
    <message>
        <source>Its program file has gone, so it cannot be opened again.</source>
        <comment>entracte ask</comment>
        <translation>Son fichier de programme a disparu ; elle ne peut donc pas être rouverte.</translation>
    </message>
    <message>
        <source>It said how to open it again, so it comes back under all rules.</source>
        <comment>entracte ask</comment>
        <translation>Elle a dit comment la rouvrir ; elle revient donc selon toutes les règles.</translation>
    </message>
    <message>
        <source>It did not say how to open it again: it comes back as it was started, and not at all under the Windows rules.</source>
        <comment>entracte ask</comment>
        <translation>Elle n’a pas dit comment la rouvrir : elle revient telle qu’elle a été lancée, et pas du tout selon les règles de Windows.</translation>
    </message>
    <message>
        <source>It cannot be opened again.</source>
        <comment>entracte ask</comment>
        <translation>Elle ne peut pas être rouverte.</translation>
    </message>
</context>
<context>
    <name>Entracte::Commands</name>
    <message>
        <source>%1 (process %2, user %3)</source>
        <comment>in-use: name, number, login name</comment>
        <translation>%1 (processus %2, utilisateur %3)</translation>
    </message>
    <message>
        <source>Nobody uses these files.</source>
        <comment>in-use result</comment>
        <translation>Personne n’utilise ces fichiers.</translation>
    </message>
    <message numerus="yes">
        <source>%n process(es) of other users could not be inspected.</source>
        <comment>in-use result</comment>
        <translation>
            <numerusform>%n processus d’un autre utilisateur n’a pas pu être examiné.</numerusform>
            <numerusform>%n processus d’autres utilisateurs n’ont pas pu être examinés.</numerusform>
        </translation>
    </message>
    <message>
        <source>Say which files: entracte in-use FILE….</source>
        <comment>command line error</comment>
        <translation>Indiquez les fichiers : entracte in-use FICHIER….</translation>
    </message>
    <message>
        <source>“%1” is not an option of in-use.</source>
        <comment>command line error</comment>
        <translation>« %1 » n’est pas une option de in-use.</translation>
    </message>
    <message>
        <source>The file “%1” does not exist.</source>
        <comment>command line error</comment>
        <translation>Le fichier « %1 » n’existe pas.</translation>
    </message>
    <message>
        <source>Say which manifest to check: entracte lint MANIFEST.</source>
        <comment>command line error</comment>
        <translation>Indiquez le manifeste à vérifier : entracte lint MANIFESTE.</translation>
    </message>
    <message>
        <source>No errors in “%1”.</source>
        <comment>lint result</comment>
        <translation>Aucune erreur dans « %1 ».</translation>
    </message>
    <message>
        <source>The wizard “%1” could not be started: %2.</source>
        <comment>command line error</comment>
        <translation>L’assistant « %1 » n’a pas pu être démarré : %2.</translation>
    </message>
    <message>
        <source>Say which manifest to run: entracte run MANIFEST [options].</source>
        <comment>command line error</comment>
        <translation>Indiquez le manifeste à exécuter : entracte run MANIFESTE [options].</translation>
    </message>
    <message>
        <source>This copy of Entracte was built without the wizard; use --silent.</source>
        <comment>command line error</comment>
        <translation>Cette copie d’Entracte a été construite sans l’assistant ; utilisez --silent.</translation>
    </message>
    <message>
        <source>Say which process: entracte ask PID.</source>
        <comment>command line error</comment>
        <translation>Indiquez le processus : entracte ask PID.</translation>
    </message>
    <message>
        <source>There is no process %1.</source>
        <comment>command line error</comment>
        <translation>Il n’y a pas de processus %1.</translation>
    </message>
    <message>
        <source>Process %1 belongs to another user and cannot be looked into.</source>
        <comment>command line error</comment>
        <translation>Le processus %1 appartient à un autre utilisateur et ne peut pas être examiné.</translation>
    </message>
    <message>
        <source>“%1” is not the number of a process.</source>
        <comment>command line error</comment>
        <translation>« %1 » n’est pas le numéro d’un processus.</translation>
    </message>
    <message>
        <source>“%1” is not an option of session %2.</source>
        <comment>command line error</comment>
        <translation>« %1 » n’est pas une option de session %2.</translation>
    </message>
    <message>
        <source>Use: entracte session filter add|remove|list --program PATH|--process PID|--service NAME [--no-restart|--no-shutdown].</source>
        <comment>command line error</comment>
        <translation>Utilisation : entracte session filter add|remove|list --program CHEMIN|--process PID|--service NOM [--no-restart|--no-shutdown].</translation>
    </message>
    <message>
        <source>Acting as user “%1” is not possible.</source>
        <comment>command line error</comment>
        <translation>Il n’est pas possible d’agir en tant qu’utilisateur « %1 ».</translation>
    </message>
    <message>
        <source>Use: entracte session start|join|register|unregister|await|list|shutdown|restart|cancel|filter|end|recover.</source>
        <comment>command line error</comment>
        <translation>Utilisation : entracte session start|join|register|unregister|await|list|shutdown|restart|cancel|filter|end|recover.</translation>
    </message>
    <message>
        <source>Say which folder and which archive: entracte pack FOLDER -o ARCHIVE.</source>
        <comment>command line error</comment>
        <translation>Indiquez le dossier et l’archive : entracte pack DOSSIER -o ARCHIVE.</translation>
    </message>
    <message>
        <source>SOURCE_DATE_EPOCH is not a number of seconds: “%1”.</source>
        <comment>command line error</comment>
        <translation>SOURCE_DATE_EPOCH n’est pas un nombre de secondes : « %1 ».</translation>
    </message>
    <message numerus="yes">
        <source>%n entries, %1, packed in “%2”, %3.</source>
        <comment>pack result; %1, %3: size</comment>
        <translation>
            <numerusform>%n élément, %1, empaqueté dans « %2 », %3.</numerusform>
            <numerusform>%n éléments, %1, empaquetés dans « %2 », %3.</numerusform>
        </translation>
    </message>
    <message>
        <source>process %1, %2</source>
        <comment>in-use: number, path of the program</comment>
        <translation>processus %1, %2</translation>
    </message>
    <message>
        <source>process %1</source>
        <comment>in-use: number</comment>
        <translation>processus %1</translation>
    </message>
    <message>
        <source>“%1” is in use by the system itself, or by a process that cannot be inspected.</source>
        <comment>in-use result</comment>
        <translation>« %1 » est utilisé par le système lui-même, ou par un processus qui ne peut pas être examiné.</translation>
    </message>
    <message>
        <source>“%1” is a library of the system that nearly every program uses. Start the session or the computer anew instead of closing them.</source>
        <comment>in-use result</comment>
        <translation>« %1 » est une bibliothèque du système dont presque tous les programmes se servent. Plutôt que de les fermer, ouvrez une nouvelle session ou redémarrez l’ordinateur.</translation>
    </message>
    <message>
        <source>Usage: entracte COMMAND

  run MANIFEST [options]   install straight from an unpacked folder
  lint MANIFEST            find every mistake in a manifest
  pack FOLDER -o ARCHIVE   make a payload of a folder
  in-use FILE… [--json | --tree]
                           who uses these files or folders, by application
  ask PID [--json]         what closing this program would meet
  session VERB …           the restart manager for scripts

entracte run MANIFEST --help lists the options of an installer.
</source>
        <comment>--help</comment>
        <translation>Utilisation : entracte COMMANDE

  run MANIFESTE [options]  installer directement depuis un dossier décompressé
  lint MANIFESTE           trouver toutes les erreurs d’un manifeste
  pack DOSSIER -o ARCHIVE  faire une charge utile d’un dossier
  in-use FICHIER… [--json | --tree]
                           qui utilise ces fichiers ou dossiers, par application
  ask PID [--json]         ce que la fermeture de ce programme rencontrerait
  session VERBE …          le gestionnaire de redémarrage pour les scripts

entracte run MANIFESTE --help énumère les options d’un installateur.
</translation>
    </message>
    <message>
        <source>Use: entracte session start [--owner PID] [--rules native|windows] [--service-timeout SECONDS] [--json].</source>
        <comment>command line error</comment>
        <translation>Utilisation : entracte session start [--owner PID] [--rules native|windows] [--service-timeout SECONDS] [--json].</translation>
    </message>
</context>
<context>
    <name>Entracte::Conclusion</name>
    <message>
        <source>Log out and in again, so that the new version is used everywhere.</source>
        <comment>outcome</comment>
        <translation>Fermez votre session et rouvrez-la, afin que la nouvelle version soit utilisée partout.</translation>
    </message>
    <message>
        <source>Restart the computer, so that the new version is used everywhere.</source>
        <comment>outcome</comment>
        <translation>Redémarrez l’ordinateur, afin que la nouvelle version soit utilisée partout.</translation>
    </message>
    <message>
        <source>Version %1 of %2 will be put in place when its files are no longer in use by %3, or at the next start.</source>
        <comment>outcome; %3: applications</comment>
        <translation>La version %1 de %2 sera mise en place dès que %3 n’en utilisera plus les fichiers, ou au prochain démarrage.</translation>
    </message>
    <message>
        <source>%1 was updated to version %2.</source>
        <comment>outcome</comment>
        <translation>%1 a été mis à jour vers la version %2.</translation>
    </message>
    <message>
        <source>%1 %2 was installed.</source>
        <comment>outcome</comment>
        <translation>%1 %2 a été installé.</translation>
    </message>
    <message>
        <source>The installation was cancelled; nothing was changed.</source>
        <comment>outcome</comment>
        <translation>L’installation a été annulée ; rien n’a été modifié.</translation>
    </message>
    <message>
        <source>The time allowed for closing applications is over; nothing was changed.</source>
        <comment>outcome</comment>
        <translation>Le temps accordé à la fermeture des applications est écoulé ; rien n’a été modifié.</translation>
    </message>
    <message>
        <source>Files that would be replaced are in use by %1; nothing was changed.</source>
        <comment>outcome</comment>
        <translation>Des fichiers à remplacer sont utilisés par %1 ; rien n’a été modifié.</translation>
    </message>
    <message>
        <source>The edited file “%1” was kept; the new one is “%2”.</source>
        <comment>log</comment>
        <translation>Le fichier modifié « %1 » a été conservé ; le nouveau est « %2 ».</translation>
    </message>
    <message>
        <source>%1 uses the old version for as long as you are logged in.</source>
        <comment>outcome: an application</comment>
        <translation>%1 utilise l’ancienne version tant que votre session est ouverte.</translation>
    </message>
    <message>
        <source>%1 uses the old version for as long as the computer runs.</source>
        <comment>outcome: an application</comment>
        <translation>%1 utilise l’ancienne version tant que l’ordinateur est allumé.</translation>
    </message>
    <message>
        <source>%1 uses the old version until it is closed.</source>
        <comment>outcome: an application</comment>
        <translation>%1 utilise l’ancienne version jusqu’à sa fermeture.</translation>
    </message>
</context>
<context>
    <name>Entracte::Deferral</name>
    <message>
        <source>Version %1 still waits until files are no longer in use; this installation will take its place.</source>
        <comment>log</comment>
        <translation>La version %1 attend encore que des fichiers ne soient plus utilisés ; cette installation prendra sa place.</translation>
    </message>
    <message>
        <source>Version %1, which had waited until files were no longer in use, was put in place.</source>
        <comment>log</comment>
        <translation>La version %1, qui attendait que des fichiers ne soient plus utilisés, a été mise en place.</translation>
    </message>
</context>
<context>
    <name>Entracte::DeferredStage</name>
    <message>
        <source>Version %1, which waited for “%2”, does not fit any more what is installed there; it was dropped.</source>
        <comment>error message</comment>
        <translation>La version %1, en attente pour « %2 », ne correspond plus à ce qui y est installé ; elle a été abandonnée.</translation>
    </message>
</context>
<context>
    <name>Entracte::DeferredSwap</name>
    <message>
        <source>The installation waits on.</source>
        <comment>error message</comment>
        <translation>L’installation continue d’attendre.</translation>
    </message>
    <message>
        <source>The files are still in use by %1.</source>
        <comment>error message; %1: applications</comment>
        <translation>Les fichiers sont encore utilisés par %1.</translation>
    </message>
</context>
<context>
    <name>Entracte::DeferredVersion</name>
    <message>
        <source>Could not go on with the version that waits for “%1”: “%2” is missing from it.</source>
        <comment>error message</comment>
        <translation>Impossible de poursuivre avec la version en attente pour « %1 » : il y manque « %2 ».</translation>
    </message>
</context>
<context>
    <name>Entracte::Directory</name>
    <message>
        <source>Could not write “%1”: %2.</source>
        <comment>error message; %2: system</comment>
        <translation>Impossible d’écrire « %1 » : %2.</translation>
    </message>
    <message>
        <source>Could not make sure that “%1” is on the disk: %2.</source>
        <comment>error message; %2: system</comment>
        <translation>Impossible de s’assurer que « %1 » est bien sur le disque : %2.</translation>
    </message>
    <message>
        <source>Could not open the folder “%1”: %2.</source>
        <comment>error message; %2: system</comment>
        <translation>Impossible d’ouvrir le dossier « %1 » : %2.</translation>
    </message>
    <message>
        <source>Could not look into the folder “%1”: %2.</source>
        <comment>error message; %2: system</comment>
        <translation>Impossible d’examiner le dossier « %1 » : %2.</translation>
    </message>
    <message>
        <source>Could not keep “%1”: its name is not valid text, rename it first.</source>
        <comment>error message</comment>
        <translation>Impossible de conserver « %1 » : son nom n’est pas un texte valide, renommez-le d’abord.</translation>
    </message>
    <message>
        <source>Could not read “%1”: %2.</source>
        <comment>error message; %2: system</comment>
        <translation>Impossible de lire « %1 » : %2.</translation>
    </message>
    <message>
        <source>Could not create the folder “%1”: %2.</source>
        <comment>error message; %2: system</comment>
        <translation>Impossible de créer le dossier « %1 » : %2.</translation>
    </message>
    <message>
        <source>Could not make the folder “%1” like “%2”: %3.</source>
        <comment>error message; %3: system</comment>
        <translation>Impossible de rendre le dossier « %1 » semblable à « %2 » : %3.</translation>
    </message>
    <message>
        <source>Could not create the link “%1”: %2.</source>
        <comment>error message; %2: system</comment>
        <translation>Impossible de créer le lien « %1 » : %2.</translation>
    </message>
    <message>
        <source>Could not create the file “%1”: %2.</source>
        <comment>error message; %2: system</comment>
        <translation>Impossible de créer le fichier « %1 » : %2.</translation>
    </message>
    <message>
        <source>Could not open “%1” to write: %2.</source>
        <comment>error message; %2: system</comment>
        <translation>Impossible d’ouvrir « %1 » en écriture : %2.</translation>
    </message>
    <message>
        <source>Could not keep “%1” as “%2”: %3.</source>
        <comment>error message; %3: system</comment>
        <translation>Impossible de conserver « %1 » sous le nom « %2 » : %3.</translation>
    </message>
    <message>
        <source>Could not set the permissions of “%1”: %2.</source>
        <comment>error message; %2: system</comment>
        <translation>Impossible de définir les permissions de « %1 » : %2.</translation>
    </message>
    <message>
        <source>Could not swap “%1” and “%2”: %3.</source>
        <comment>error message; %3: system</comment>
        <translation>Impossible d’échanger « %1 » et « %2 » : %3.</translation>
    </message>
    <message>
        <source>Could not move “%1” to “%2”: %3.</source>
        <comment>error message; %3: system</comment>
        <translation>Impossible de déplacer « %1 » vers « %2 » : %3.</translation>
    </message>
    <message>
        <source>Could not remove “%1”: %2.</source>
        <comment>error message; %2: system</comment>
        <translation>Impossible de supprimer « %1 » : %2.</translation>
    </message>
    <message>
        <source>Could not find out how much room there is in “%1”: %2.</source>
        <comment>error message; %2: system</comment>
        <translation>Impossible de déterminer l’espace disponible dans « %1 » : %2.</translation>
    </message>
    <message>
        <source>Could not reserve the room that is needed, with “%1”: %2.</source>
        <comment>error message; %2: system</comment>
        <translation>Impossible de réserver l’espace nécessaire, avec « %1 » : %2.</translation>
    </message>
    <message>
        <source>Another installation is working here: it holds “%1”.</source>
        <comment>error message</comment>
        <translation>Une autre installation est en cours ici : elle détient « %1 ».</translation>
    </message>
    <message>
        <source>Could not lock “%1”: %2.</source>
        <comment>error message; %2: system</comment>
        <translation>Impossible de verrouiller « %1 » : %2.</translation>
    </message>
</context>
<context>
    <name>Entracte::EntryPath</name>
    <message>
        <source>The name “%1” is refused: %2.</source>
        <comment>error message; %1: archive entry, %2: rule</comment>
        <translation>Le nom « %1 » est refusé : %2.</translation>
    </message>
    <message>
        <source>it is empty</source>
        <comment>error message, rule for a name</comment>
        <translation>il est vide</translation>
    </message>
    <message>
        <source>it is absolute</source>
        <comment>error message, rule for a name</comment>
        <translation>il est absolu</translation>
    </message>
    <message>
        <source>it begins with a drive letter</source>
        <comment>error message, rule for a name</comment>
        <translation>il commence par une lettre de lecteur</translation>
    </message>
    <message>
        <source>it contains a backslash</source>
        <comment>error message, rule for a name</comment>
        <translation>il contient une barre oblique inverse</translation>
    </message>
    <message>
        <source>it contains a control character</source>
        <comment>error message, rule for a name</comment>
        <translation>il contient un caractère de contrôle</translation>
    </message>
    <message>
        <source>it is not valid text</source>
        <comment>error message, rule for a name</comment>
        <translation>ce n’est pas un texte valide</translation>
    </message>
    <message>
        <source>it is too long</source>
        <comment>error message, rule for a name</comment>
        <translation>il est trop long</translation>
    </message>
    <message>
        <source>a part of it is empty</source>
        <comment>error message, rule for a name</comment>
        <translation>une de ses parties est vide</translation>
    </message>
    <message>
        <source>a part of it is too long</source>
        <comment>error message, rule for a name</comment>
        <translation>une de ses parties est trop longue</translation>
    </message>
    <message>
        <source>“%1” belongs to the installer</source>
        <comment>error message, rule for a name</comment>
        <translation>« %1 » appartient à l’installateur</translation>
    </message>
    <message>
        <source>The link “%1” to “%2” is refused: %3.</source>
        <comment>error message; %1: archive entry, %2: where it points, %3: rule</comment>
        <translation>Le lien « %1 » vers « %2 » est refusé : %3.</translation>
    </message>
    <message>
        <source>it points nowhere</source>
        <comment>error message, rule for a link</comment>
        <translation>il ne mène nulle part</translation>
    </message>
    <message>
        <source>it leads out of the installed folder</source>
        <comment>error message, rule for a link</comment>
        <translation>il mène hors du dossier installé</translation>
    </message>
    <message>
        <source>“%1” follows a name in it</source>
        <comment>error message, rule for a link</comment>
        <translation>« %1 » y suit un nom</translation>
    </message>
    <message>
        <source>it contains a character that changes the direction of text</source>
        <comment>error message, rule for a name</comment>
        <translation>il contient un caractère qui change le sens du texte</translation>
    </message>
    <message>
        <source>“.” and “..” are not allowed in it</source>
        <comment>error message, rule for a name</comment>
        <translation>« . » et « .. » n’y sont pas autorisés</translation>
    </message>
</context>
<context>
    <name>Entracte::EntryReader</name>
    <message>
        <source>its own header says that it is encrypted</source>
        <comment>error message, reason</comment>
        <translation>son propre en-tête la dit chiffrée</translation>
    </message>
    <message>
        <source>its own header names another compression method</source>
        <comment>error message, reason</comment>
        <translation>son propre en-tête indique une autre méthode de compression</translation>
    </message>
    <message>
        <source>its own header gives it another name</source>
        <comment>error message, reason</comment>
        <translation>son propre en-tête lui donne un autre nom</translation>
    </message>
    <message>
        <source>its own header gives it another size</source>
        <comment>error message, reason</comment>
        <translation>son propre en-tête lui donne une autre taille</translation>
    </message>
    <message>
        <source>its own header gives it another checksum</source>
        <comment>error message, reason</comment>
        <translation>son propre en-tête lui donne une autre somme de contrôle</translation>
    </message>
    <message>
        <source>Could not unpack “%2” from the payload “%1”: %3.</source>
        <comment>error message; %3: reason</comment>
        <translation>Impossible d’extraire « %2 » de la charge utile « %1 » : %3.</translation>
    </message>
    <message>
        <source>the archive ends in the middle of it</source>
        <comment>error message, reason</comment>
        <translation>l’archive s’arrête au milieu</translation>
    </message>
    <message>
        <source>it does not begin with a header</source>
        <comment>error message, reason</comment>
        <translation>elle ne commence pas par un en-tête</translation>
    </message>
    <message>
        <source>it reaches into what follows it in the archive</source>
        <comment>error message, reason</comment>
        <translation>elle empiète sur ce qui la suit dans l’archive</translation>
    </message>
    <message>
        <source>its compressed data is damaged</source>
        <comment>error message, reason</comment>
        <translation>ses données compressées sont endommagées</translation>
    </message>
    <message>
        <source>its compressed data ends before its compressed size</source>
        <comment>error message, reason</comment>
        <translation>ses données compressées s’arrêtent avant leur taille promise</translation>
    </message>
    <message>
        <source>it is longer than promised</source>
        <comment>error message, reason</comment>
        <translation>elle est plus longue que promis</translation>
    </message>
    <message>
        <source>it is shorter than promised</source>
        <comment>error message, reason</comment>
        <translation>elle est plus courte que promis</translation>
    </message>
    <message>
        <source>the checksum does not match</source>
        <comment>error message, reason</comment>
        <translation>la somme de contrôle ne correspond pas</translation>
    </message>
    <message>
        <source>its SHA-256 is not the one that the payload promises</source>
        <comment>error message, reason</comment>
        <translation>son SHA-256 n’est pas celui que promet la charge utile</translation>
    </message>
</context>
<context>
    <name>Entracte::FileDigest</name>
    <message>
        <source>Could not read “%1”: %2.</source>
        <comment>error message; %2: system</comment>
        <translation>Impossible de lire « %1 » : %2.</translation>
    </message>
</context>
<context>
    <name>Entracte::FileSwap</name>
    <message>
        <source>Could not replace “%1”: it is protected against any change (immutable).</source>
        <comment>error message</comment>
        <translation>Impossible de remplacer « %1 » : cet élément est protégé contre toute modification (immutable).</translation>
    </message>
    <message>
        <source>Could not replace files in “%1”: you may not write in that folder.</source>
        <comment>error message</comment>
        <translation>Impossible de remplacer des fichiers dans « %1 » : vous n’avez pas le droit d’écrire dans ce dossier.</translation>
    </message>
    <message>
        <source>Could not replace “%1”: it belongs to somebody else, and its folder lets only owners do that.</source>
        <comment>error message</comment>
        <translation>Impossible de remplacer « %1 » : cet élément appartient à quelqu’un d’autre, et son dossier ne le permet qu’aux propriétaires.</translation>
    </message>
    <message>
        <source>Could not bring back what was in “%1”: %2</source>
        <comment>error message; %2: a sentence</comment>
        <translation>Impossible de rétablir ce qui était dans « %1 » : %2</translation>
    </message>
</context>
<context>
    <name>Entracte::FilesInUseDialog</name>
    <message>
        <source>%1: Files in Use</source>
        <comment>files-in-use dialog, window title</comment>
        <translation>%1 : fichiers utilisés</translation>
    </message>
    <message>
        <source>Applications that use files to be replaced</source>
        <comment>files-in-use dialog, list</comment>
        <translation>Applications qui utilisent des fichiers à remplacer</translation>
    </message>
    <message>
        <source>&amp;Close and Continue</source>
        <comment>files-in-use dialog, button</comment>
        <translation>&amp;Fermer et continuer</translation>
    </message>
    <message>
        <source>Continue &amp;Without Closing</source>
        <comment>files-in-use dialog, button</comment>
        <translation>Continuer &amp;sans fermer</translation>
    </message>
    <message>
        <source>&amp;Look Again</source>
        <comment>files-in-use dialog, button</comment>
        <translation>&amp;Vérifier de nouveau</translation>
    </message>
    <message>
        <source>Cancel &amp;Installation</source>
        <comment>files-in-use dialog, button</comment>
        <translation>Annuler l’&amp;installation</translation>
    </message>
    <message numerus="yes">
        <source>Waiting for %n application(s) to close</source>
        <comment>files-in-use dialog, title</comment>
        <translation>
            <numerusform>En attente de la fermeture de %n application</numerusform>
            <numerusform>En attente de la fermeture de %n applications</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n application(s) are using files that will be replaced</source>
        <comment>files-in-use dialog, title</comment>
        <translation>
            <numerusform>%n application utilise des fichiers qui vont être remplacés</numerusform>
            <numerusform>%n applications utilisent des fichiers qui vont être remplacés</numerusform>
        </translation>
    </message>
    <message>
        <source>If an application asks whether to save your work, please answer it. Take the time you need.</source>
        <comment>files-in-use dialog, text</comment>
        <translation>Si une application demande s’il faut enregistrer votre travail, veuillez lui répondre. Prenez tout votre temps.</translation>
    </message>
    <message numerus="yes">
        <source>They will be closed and opened again when %1 is in place. Each of them may ask you to save your work first.</source>
        <comment>files-in-use dialog, text</comment>
        <translation>
            <numerusform>Elle sera fermée, puis rouverte dès que %1 sera en place. Elle peut d’abord vous demander d’enregistrer votre travail.</numerusform>
            <numerusform>Elles seront fermées, puis rouvertes dès que %1 sera en place. Chacune peut d’abord vous demander d’enregistrer votre travail.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>If you continue without closing, they keep using the old version until you close them yourself.</source>
        <comment>files-in-use dialog, text</comment>
        <translation>
            <numerusform>Si vous continuez sans fermer, elle utilisera l’ancienne version jusqu’à ce que vous la fermiez vous-même.</numerusform>
            <numerusform>Si vous continuez sans fermer, elles utiliseront l’ancienne version jusqu’à ce que vous les fermiez vous-même.</numerusform>
        </translation>
    </message>
    <message>
        <source>Force to &amp;Close and Continue</source>
        <comment>files-in-use dialog, button</comment>
        <translation>Forcer la &amp;fermeture et continuer</translation>
    </message>
    <message>
        <source>Stop and Cancel &amp;Installation</source>
        <comment>files-in-use dialog, button</comment>
        <translation>Arrêter et annuler l’&amp;installation</translation>
    </message>
    <message>
        <source>Libraries that nearly every program uses are replaced too; for them nobody is closed, log in again when convenient.</source>
        <comment>files-in-use dialog, text</comment>
        <translation>Des bibliothèques dont presque tous les programmes se servent sont remplacées aussi ; aucun n’est fermé pour elles, rouvrez votre session quand cela vous conviendra.</translation>
    </message>
    <message numerus="yes">
        <source>%n process(es) of other users could not be looked into; they may use these files too.</source>
        <comment>files-in-use dialog, text</comment>
        <translation>
            <numerusform>%n processus d’un autre utilisateur n’a pas pu être examiné ; il utilise peut-être aussi ces fichiers.</numerusform>
            <numerusform>%n processus d’autres utilisateurs n’ont pas pu être examinés ; ils utilisent peut-être aussi ces fichiers.</numerusform>
        </translation>
    </message>
    <message>
        <source>Install When The&amp;y Are Closed</source>
        <comment>files-in-use dialog, button</comment>
        <translation>&amp;Installer après leur fermeture</translation>
    </message>
    <message numerus="yes">
        <source>%n application(s) must stay open, so the files cannot be freed from here. You can continue without closing, or cancel.</source>
        <comment>files-in-use dialog, text</comment>
        <translation>
            <numerusform>%n application doit rester ouverte, les fichiers ne peuvent donc pas être libérés d’ici. Vous pouvez continuer sans fermer, ou annuler.</numerusform>
            <numerusform>%n applications doivent rester ouvertes, les fichiers ne peuvent donc pas être libérés d’ici. Vous pouvez continuer sans fermer, ou annuler.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>If you continue without closing, they keep using the old version until they are started anew, with the computer at the latest.</source>
        <comment>files-in-use dialog, text</comment>
        <translation>
            <numerusform>Si vous continuez sans fermer, elle utilisera l’ancienne version jusqu’à son prochain démarrage, au plus tard celui de l’ordinateur.</numerusform>
            <numerusform>Si vous continuez sans fermer, elles utiliseront l’ancienne version jusqu’à leur prochain démarrage, au plus tard celui de l’ordinateur.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Entracte::FinishedPage</name>
    <message>
        <source>All Done</source>
        <comment>finished page, title</comment>
        <translation>C’est terminé</translation>
    </message>
    <message>
        <source>Cancelled</source>
        <comment>finished page, title</comment>
        <translation>Annulé</translation>
    </message>
    <message>
        <source>It Did Not Work</source>
        <comment>finished page, title</comment>
        <translation>L’installation a échoué</translation>
    </message>
    <message numerus="yes">
        <source>%1 was closed and is open again.</source>
        <comment>finished page</comment>
        <translation>
            <numerusform>%1 a été fermée et est de nouveau ouverte.</numerusform>
            <numerusform>%1 ont été fermées et sont de nouveau ouvertes.</numerusform>
        </translation>
    </message>
    <message>
        <source>%1 could not be opened again. %2</source>
        <comment>finished page: an application, the reason as a sentence</comment>
        <translation>%1 n’a pas pu être rouverte. %2</translation>
    </message>
    <message numerus="yes">
        <source>%1 uses the old version until it is closed.</source>
        <comment>finished page</comment>
        <translation>
            <numerusform>%1 utilise l’ancienne version jusqu’à sa fermeture.</numerusform>
            <numerusform>%1 utilisent l’ancienne version jusqu’à leur fermeture.</numerusform>
        </translation>
    </message>
    <message>
        <source>A file that somebody had changed was kept as “%1”.</source>
        <comment>finished page</comment>
        <translation>Un fichier que quelqu’un avait modifié a été conservé sous le nom « %1 ».</translation>
    </message>
    <message>
        <source>%1 was installed too.</source>
        <comment>finished page</comment>
        <translation>%1 a également été installé.</translation>
    </message>
    <message>
        <source>Ready, and Waiting</source>
        <comment>finished page, title</comment>
        <translation>Prêt, et en attente</translation>
    </message>
    <message>
        <source>Restart &amp;Later</source>
        <comment>finished page, button</comment>
        <translation>Redémarrer plus &amp;tard</translation>
    </message>
    <message>
        <source>Log Out L&amp;ater</source>
        <comment>finished page, button</comment>
        <translation>Se déconnecter &amp;plus tard</translation>
    </message>
</context>
<context>
    <name>Entracte::FirstLook</name>
    <message>
        <source>%1 was left closed by an installation that was interrupted; it is open again.</source>
        <comment>log</comment>
        <translation>%1 était restée fermée à cause d’une installation interrompue ; elle est rouverte.</translation>
    </message>
</context>
<context>
    <name>Entracte::FolderItem</name>
    <message>
        <source>Could not pack “%1”: %2.</source>
        <comment>error message; %2: reason</comment>
        <translation>Impossible d’empaqueter « %1 » : %2.</translation>
    </message>
    <message>
        <source>it changed while it was being packed</source>
        <comment>error message, reason</comment>
        <translation>l’élément a changé pendant l’empaquetage</translation>
    </message>
    <message>
        <source>there is too much before it</source>
        <comment>error message, reason</comment>
        <translation>il y a trop de données avant elle</translation>
    </message>
    <message>
        <source>it is neither a file, a folder nor a symbolic link</source>
        <comment>error message, reason</comment>
        <translation>ce n’est ni un fichier, ni un dossier, ni un lien symbolique</translation>
    </message>
    <message>
        <source>it wants to run as another user (set-id)</source>
        <comment>error message, reason</comment>
        <translation>elle veut s’exécuter sous un autre utilisateur (set-id)</translation>
    </message>
    <message>
        <source>it vanished while it was being packed</source>
        <comment>error message, reason</comment>
        <translation>l’élément a disparu pendant l’empaquetage</translation>
    </message>
</context>
<context>
    <name>Entracte::ForcedEnd</name>
    <message>
        <source>Cannot be ended: the system keeps it, waiting for a device or a network.</source>
        <comment>state of an application</comment>
        <translation>Impossible d’y mettre fin : le système la retient, en attente d’un périphérique ou du réseau.</translation>
    </message>
    <message>
        <source>Cannot be ended: the system does not let it go.</source>
        <comment>state of an application</comment>
        <translation>Impossible d’y mettre fin : le système ne la libère pas.</translation>
    </message>
</context>
<context>
    <name>Entracte::Guardian</name>
    <message>
        <source>Could not start the process that would tidy up if this one died: %1.</source>
        <comment>error message; %1: system</comment>
        <translation>Impossible de démarrer le processus qui remettrait tout en ordre si celui-ci s’arrêtait brutalement : %1.</translation>
    </message>
    <message>
        <source>Guardian of an installation</source>
        <comment>description of a systemd unit</comment>
        <translation>Gardien d’une installation</translation>
    </message>
    <message>
        <source>The process that would tidy up if this one died does not answer: %1.</source>
        <comment>error message; %1: system</comment>
        <translation>Le processus qui remettrait de l’ordre si celui-ci mourait ne répond pas : %1.</translation>
    </message>
</context>
<context>
    <name>Entracte::HeldFile</name>
    <message>
        <source>%1 is running.</source>
        <comment>a file and how it is held</comment>
        <translation>%1 est en cours d’exécution.</translation>
    </message>
    <message>
        <source>%1 is loaded.</source>
        <comment>a file and how it is held</comment>
        <translation>%1 est chargé.</translation>
    </message>
    <message>
        <source>%1 is open for writing.</source>
        <comment>a file and how it is held</comment>
        <translation>%1 est ouvert en écriture.</translation>
    </message>
    <message>
        <source>%1 is open.</source>
        <comment>a file and how it is held</comment>
        <translation>%1 est ouvert.</translation>
    </message>
    <message>
        <source>%1 is the working folder.</source>
        <comment>a file and how it is held</comment>
        <translation>%1 est le dossier de travail.</translation>
    </message>
    <message>
        <source>%1 is its root folder.</source>
        <comment>a file and how it is held</comment>
        <translation>%1 est son dossier racine.</translation>
    </message>
    <message>
        <source>%1 is a script that it was started with.</source>
        <comment>a file and how it is held</comment>
        <translation>%1 est un script avec lequel elle a été lancée.</translation>
    </message>
    <message>
        <source>%1 is running in an earlier version.</source>
        <comment>a file and how it is held</comment>
        <translation>%1 est en cours d’exécution dans une version antérieure.</translation>
    </message>
    <message>
        <source>%1 is loaded in an earlier version.</source>
        <comment>a file and how it is held</comment>
        <translation>%1 est chargé dans une version antérieure.</translation>
    </message>
    <message>
        <source>%1 is a script that has changed since it was started with it.</source>
        <comment>a file and how it is held</comment>
        <translation>%1 est un script qui a changé depuis qu’elle a été lancée avec lui.</translation>
    </message>
    <message>
        <source>%1 is open in an earlier version.</source>
        <comment>a file and how it is held</comment>
        <translation>%1 est ouvert dans une version antérieure.</translation>
    </message>
</context>
<context>
    <name>Entracte::Identification</name>
    <message>
        <source>Runs in a terminal and cannot be opened again for you.</source>
        <comment>state of an application</comment>
        <translation>S’exécute dans un terminal et ne pourra pas être rouverte pour vous.</translation>
    </message>
    <message>
        <source>This installation was started from it, so it must stay open.</source>
        <comment>state of an application</comment>
        <translation>Cette installation a été lancée depuis elle ; elle doit donc rester ouverte.</translation>
    </message>
    <message>
        <source>Your desktop needs it, so it must stay open.</source>
        <comment>state of an application</comment>
        <translation>Votre bureau en a besoin ; elle doit donc rester ouverte.</translation>
    </message>
    <message>
        <source>It belongs to another user and cannot be closed from here.</source>
        <comment>state of an application</comment>
        <translation>Elle appartient à un autre utilisateur et ne peut pas être fermée d’ici.</translation>
    </message>
    <message>
        <source>Asked not to be opened again after an update.</source>
        <comment>state of an application</comment>
        <translation>A demandé à ne pas être rouverte après une mise à jour.</translation>
    </message>
    <message>
        <source>The system needs it, so it must keep running.</source>
        <comment>state of an application</comment>
        <translation>Le système en a besoin : elle doit rester en marche.</translation>
    </message>
</context>
<context>
    <name>Entracte::InstallEngine</name>
    <message>
        <source>The installation that started this one cannot be joined: %1 It goes on by itself.</source>
        <comment>log; %1 is a sentence</comment>
        <translation>L’installation qui a lancé celle-ci ne peut pas être rejointe : %1 Celle-ci continue seule.</translation>
    </message>
    <message>
        <source>%1 is being installed.</source>
        <comment>why the system must not go down</comment>
        <translation>%1 est en cours d’installation.</translation>
    </message>
</context>
<context>
    <name>Entracte::InstallLog</name>
    <message>
        <source>The log “%1” could not be written: %2.</source>
        <comment>command line error</comment>
        <translation>Le journal « %1 » n’a pas pu être écrit : %2.</translation>
    </message>
</context>
<context>
    <name>Entracte::InstallOptions</name>
    <message>
        <source>Install without windows; report on the terminal.</source>
        <comment>--help</comment>
        <translation>Installer sans fenêtres ; rendre compte dans le terminal.</translation>
    </message>
    <message>
        <source>As --silent, and report only problems.</source>
        <comment>--help</comment>
        <translation>Comme --silent, en ne signalant que les problèmes.</translation>
    </message>
    <message>
        <source>Do not ask for confirmation. Says nothing about files in use.</source>
        <comment>--help</comment>
        <translation>Ne pas demander de confirmation. Ne dit rien des fichiers utilisés.</translation>
    </message>
    <message>
        <source>Accept the licence without showing it.</source>
        <comment>--help</comment>
        <translation>Accepter la licence sans l’afficher.</translation>
    </message>
    <message>
        <source>Install into DIR.</source>
        <comment>--help</comment>
        <translation>Installer dans DIR.</translation>
    </message>
    <message>
        <source>What to do about applications that use files to be replaced: ask, close, force, skip, defer or fail.</source>
        <comment>--help</comment>
        <translation>Que faire des applications qui utilisent des fichiers à remplacer : ask, close, force, skip, defer ou fail.</translation>
    </message>
    <message>
        <source>Cancel if applications are not closed after SECONDS.</source>
        <comment>--help</comment>
        <translation>Annuler si les applications ne sont pas fermées après SECONDS secondes.</translation>
    </message>
    <message>
        <source>Leave closed what was closed.</source>
        <comment>--help</comment>
        <translation>Laisser fermé ce qui a été fermé.</translation>
    </message>
    <message>
        <source>Replace a newer version by this older one.</source>
        <comment>--help</comment>
        <translation>Remplacer une version plus récente par celle-ci.</translation>
    </message>
    <message>
        <source>Write a log for people to FILE.</source>
        <comment>--help</comment>
        <translation>Écrire un journal lisible dans FILE.</translation>
    </message>
    <message>
        <source>Write a log as JSON lines to FILE.</source>
        <comment>--help</comment>
        <translation>Écrire un journal en lignes JSON dans FILE.</translation>
    </message>
    <message>
        <source>Report every step.</source>
        <comment>--help</comment>
        <translation>Signaler chaque étape.</translation>
    </message>
    <message>
        <source>Speak the language TAG, for instance fr.</source>
        <comment>--help</comment>
        <translation>Parler la langue TAG, par exemple fr.</translation>
    </message>
    <message>
        <source>Show this help.</source>
        <comment>--help</comment>
        <translation>Afficher cette aide.</translation>
    </message>
    <message>
        <source>Show the version.</source>
        <comment>--help</comment>
        <translation>Afficher la version.</translation>
    </message>
    <message>
        <source>“%1” is not one of ask, close, force, skip, defer and fail.</source>
        <comment>command line error</comment>
        <translation>« %1 » ne fait pas partie de ask, close, force, skip, defer et fail.</translation>
    </message>
    <message>
        <source>“%1” is not a number of seconds.</source>
        <comment>command line error</comment>
        <translation>« %1 » n’est pas un nombre de secondes.</translation>
    </message>
    <message>
        <source>Where force is allowed, end a service that has not stopped after SECONDS.</source>
        <comment>--help</comment>
        <translation>Là où la force est permise, mettre fin à un service qui ne s’est pas arrêté après SECONDS.</translation>
    </message>
    <message>
        <source>With list: print one JSON object.</source>
        <comment>--help</comment>
        <translation>Avec list : afficher un objet JSON.</translation>
    </message>
    <message>
        <source>“%1” is not a command; there are install, update, list, recover and cancel.</source>
        <comment>command line error</comment>
        <translation>« %1 » n’est pas une commande ; il y a install, update, list, recover et cancel.</translation>
    </message>
    <message>
        <source>--json is for list.</source>
        <comment>command line error</comment>
        <translation>--json est réservé à list.</translation>
    </message>
    <message>
        <source>
list says what is installed and what waits until files are no longer in use; recover puts right what was interrupted, and puts in place what waits, if it can; cancel drops what waits.
</source>
        <comment>--help</comment>
        <translation>
list dit ce qui est installé et ce qui attend que des fichiers ne soient plus utilisés ; recover répare ce qui a été interrompu et met en place ce qui attend, si possible ; cancel abandonne ce qui attend.
</translation>
    </message>
    <message>
        <source>
Exit status: 0 done; 1 failed, rolled back; 2 wrong usage or manifest; 3 cancelled, nothing changed; 4 cancelled, rolled back; 5 done, something must be restarted to use it; 6 files in use, nothing changed; 7 files in use, deferred; 8 done, but some applications did not come back; 9 not enough space; 10 verification failed; 11 another installation of this product is running; 12 downgrade refused; 14 permission denied; 15 failed and rollback incomplete.
</source>
        <comment>--help</comment>
        <translation>
Code de retour : 0 terminé ; 1 échec, annulé ; 2 mauvaise utilisation ou mauvais manifeste ; 3 interrompu, rien n’a changé ; 4 interrompu, annulé ; 5 terminé, quelque chose doit être redémarré pour s’en servir ; 6 fichiers utilisés, rien n’a changé ; 7 fichiers utilisés, reporté ; 8 terminé, mais des applications ne sont pas revenues ; 9 espace insuffisant ; 10 échec de la vérification ; 11 une autre installation de ce produit est en cours ; 12 retour à une version antérieure refusé ; 14 permission refusée ; 15 échec et annulation incomplète.
</translation>
    </message>
</context>
<context>
    <name>Entracte::InstallWizard</name>
    <message>
        <source>%1 Setup</source>
        <comment>wizard, window title</comment>
        <translation>Installation de %1</translation>
    </message>
    <message>
        <source>&amp;Install</source>
        <comment>wizard, button</comment>
        <translation>&amp;Installer</translation>
    </message>
</context>
<context>
    <name>Entracte::InstallerChain</name>
    <message>
        <source>“%1” could not be started: %2.</source>
        <comment>chained installer</comment>
        <translation>« %1 » n’a pas pu être lancé : %2.</translation>
    </message>
    <message>
        <source>%1 was not installed: its installer was ended by a signal.</source>
        <comment>chained installer</comment>
        <translation>%1 n’a pas été installé : son installateur a été arrêté par un signal.</translation>
    </message>
    <message>
        <source>%1 was not installed: its installer ended with status %2.</source>
        <comment>chained installer</comment>
        <translation>%1 n’a pas été installé : son installateur s’est terminé avec le code %2.</translation>
    </message>
</context>
<context>
    <name>Entracte::Journal</name>
    <message>
        <source>“%1” was written by another version of the installer (format %2, this one knows %3): use that one.</source>
        <comment>error message</comment>
        <translation>« %1 » a été écrit par une autre version de l’installateur (format %2, celle-ci connaît %3) : utilisez cette autre version.</translation>
    </message>
    <message>
        <source>Could not understand “%1”: its line “%2” makes no sense.</source>
        <comment>error message</comment>
        <translation>Impossible de comprendre « %1 » : sa ligne « %2 » n’a pas de sens.</translation>
    </message>
    <message>
        <source>“%1” speaks of something that only a newer version of the installer knows (“%2”): use that one.</source>
        <comment>error message; %2: a word</comment>
        <translation>« %1 » parle de quelque chose que seule une version plus récente de l’installateur connaît (« %2 ») : utilisez celle-ci.</translation>
    </message>
</context>
<context>
    <name>Entracte::LaunchObstacle</name>
    <message>
        <source>How it was started cannot be read, so it cannot be opened again for you.</source>
        <comment>state of an application</comment>
        <translation>On ne peut pas lire comment elle a été démarrée ; elle ne pourra donc pas être rouverte pour vous.</translation>
    </message>
    <message>
        <source>Its program exists in memory only and cannot be opened again for you.</source>
        <comment>state of an application</comment>
        <translation>Son programme n’existe qu’en mémoire et ne pourra pas être rouvert pour vous.</translation>
    </message>
    <message>
        <source>Runs in a sandbox or container and cannot be opened again for you.</source>
        <comment>state of an application</comment>
        <translation>S’exécute dans un bac à sable ou un conteneur et ne pourra pas être rouverte pour vous.</translation>
    </message>
    <message>
        <source>Runs with rights of its own and cannot be opened again for you.</source>
        <comment>state of an application</comment>
        <translation>S’exécute avec des droits particuliers et ne pourra pas être rouverte pour vous.</translation>
    </message>
</context>
<context>
    <name>Entracte::LaunchRecord</name>
    <message>
        <source>“%1” could not be started again: %2.</source>
        <comment>error message</comment>
        <translation>« %1 » n’a pas pu être redémarré : %2.</translation>
    </message>
    <message>
        <source>“%1” could not be started again: no process could be made.</source>
        <comment>error message</comment>
        <translation>« %1 » n’a pas pu être redémarré : aucun processus n’a pu être créé.</translation>
    </message>
    <message>
        <source>“%1” could not be started again as the user it belongs to: %2.</source>
        <comment>error message</comment>
        <translation>« %1 » n’a pas pu être redémarré sous l’utilisateur auquel il appartient : %2.</translation>
    </message>
    <message>
        <source>“%1” ran in other namespaces than the installer, and the service manager of its user did not take it.</source>
        <comment>error message</comment>
        <translation>« %1 » s’exécutait dans d’autres espaces de noms que l’installateur, et le gestionnaire de services de son utilisateur ne l’a pas accepté.</translation>
    </message>
</context>
<context>
    <name>Entracte::LinuxRestartBackend</name>
    <message>
        <source>Closing the applications was cancelled.</source>
        <comment>outcome</comment>
        <translation>La fermeture des applications a été annulée.</translation>
    </message>
    <message>
        <source>The search for applications was cancelled.</source>
        <comment>outcome</comment>
        <translation>La recherche des applications a été annulée.</translation>
    </message>
    <message>
        <source>It must not be interrupted now: %1</source>
        <comment>state of an application, and its own words</comment>
        <translation>Elle ne doit pas être interrompue maintenant : %1</translation>
    </message>
</context>
<context>
    <name>Entracte::LogOutOffer</name>
    <message>
        <source>&amp;Log Out</source>
        <comment>finished page, button</comment>
        <translation>Se &amp;déconnecter</translation>
    </message>
    <message>
        <source>The desktop was asked to log you out. Before it does, it lets you save what is open, and you may still say no.</source>
        <comment>finished page</comment>
        <translation>Le bureau a été prié de fermer votre session. Avant de le faire, il vous laisse enregistrer ce qui est ouvert, et vous pouvez encore refuser.</translation>
    </message>
</context>
<context>
    <name>Entracte::Logind</name>
    <message>
        <source>the system bus cannot be reached</source>
        <comment>part of a sentence</comment>
        <translation>le bus du système est injoignable</translation>
    </message>
    <message>
        <source>The system cannot say whether it may be restarted: %1</source>
        <comment>outcome; %1 is the system&apos;s answer</comment>
        <translation>Le système ne peut pas dire s’il peut être redémarré : %1</translation>
    </message>
    <message>
        <source>The system must not be restarted now; %1 asks for that: %2</source>
        <comment>outcome; %1 is a program, %2 its reason</comment>
        <translation>Le système ne doit pas être redémarré maintenant ; %1 le demande : %2</translation>
    </message>
    <message>
        <source>The system is not restarted while others are logged in: %1.</source>
        <comment>outcome; %1 is a list of names</comment>
        <translation>Le système n’est pas redémarré tant que d’autres ont une session ouverte : %1.</translation>
    </message>
    <message>
        <source>The system will be restarted or shut down already at %1.</source>
        <comment>outcome; %1 is a time</comment>
        <translation>Le système sera déjà redémarré ou arrêté à %1.</translation>
    </message>
    <message>
        <source>The restart of the system was refused: %1</source>
        <comment>outcome; %1 is the system&apos;s answer</comment>
        <translation>Le redémarrage du système a été refusé : %1</translation>
    </message>
    <message>
        <source>The restart of the system could not be cancelled: %1</source>
        <comment>outcome; %1 is the system&apos;s answer</comment>
        <translation>Le redémarrage du système n’a pas pu être annulé : %1</translation>
    </message>
    <message>
        <source>The system is not restarted; %1 asks for that: %2</source>
        <comment>outcome; %1 is a program, %2 its reason</comment>
        <translation>Le système n’est pas redémarré ; %1 le demande : %2</translation>
    </message>
</context>
<context>
    <name>Entracte::Maintenance</name>
    <message>
        <source>%1 %2 is installed in “%3”.</source>
        <comment>list; name, version, folder</comment>
        <translation>%1 %2 est installé dans « %3 ».</translation>
    </message>
    <message>
        <source>%1 is not installed in “%2”.</source>
        <comment>list; name, folder</comment>
        <translation>%1 n’est pas installé dans « %2 ».</translation>
    </message>
    <message>
        <source>Version %1 waits until the files of the installed one are no longer in use.</source>
        <comment>list</comment>
        <translation>La version %1 attend que les fichiers de la version installée ne soient plus utilisés.</translation>
    </message>
    <message>
        <source>Version %1 of %2, which had waited until files were no longer in use, is in place.</source>
        <comment>recover; version, name</comment>
        <translation>La version %1 de %2, qui attendait que des fichiers ne soient plus utilisés, est en place.</translation>
    </message>
    <message>
        <source>Version %1 of %2, which waited until files were no longer in use, was dropped; what is installed stays.</source>
        <comment>cancel; version, name</comment>
        <translation>La version %1 de %2, qui attendait que des fichiers ne soient plus utilisés, a été abandonnée ; ce qui est installé reste.</translation>
    </message>
    <message>
        <source>Nothing waits for %1.</source>
        <comment>cancel; name</comment>
        <translation>Rien n’attend pour %1.</translation>
    </message>
    <message>
        <source>%1 (pid %2)</source>
        <comment>list; an application, the number of its process</comment>
        <translation>%1 (pid %2)</translation>
    </message>
    <message>
        <source>It waits for %1.</source>
        <comment>list; %1 is one or more of “Editor (pid 4711)”</comment>
        <translation>Elle attend %1.</translation>
    </message>
</context>
<context>
    <name>Entracte::ManifestReader</name>
    <message>
        <source>The key “%1” is given twice.</source>
        <comment>manifest error</comment>
        <translation>La clé « %1 » est donnée deux fois.</translation>
    </message>
    <message>
        <source>This manifest has format %1; this version of Entracte reads formats up to %2.</source>
        <comment>manifest error</comment>
        <translation>Ce manifeste est au format %1 ; cette version d’Entracte lit les formats jusqu’à %2.</translation>
    </message>
    <message>
        <source>“formatVersion” must be the number %1.</source>
        <comment>manifest error</comment>
        <translation>« formatVersion » doit être le nombre %1.</translation>
    </message>
    <message>
        <source>“%1” must be a list.</source>
        <comment>manifest error</comment>
        <translation>« %1 » doit être une liste.</translation>
    </message>
    <message>
        <source>“%1” is not a reverse domain name such as org.example.product.</source>
        <comment>manifest error</comment>
        <translation>« %1 » n’est pas un nom de domaine inversé tel que org.example.product.</translation>
    </message>
    <message>
        <source>“%1” is not a version such as 2.1.0.</source>
        <comment>manifest error</comment>
        <translation>« %1 » n’est pas une version telle que 2.1.0.</translation>
    </message>
    <message>
        <source>“%1” is not a colour such as #2E7D6B.</source>
        <comment>manifest error</comment>
        <translation>« %1 » n’est pas une couleur telle que #2E7D6B.</translation>
    </message>
    <message>
        <source>There must be at least one component.</source>
        <comment>manifest error</comment>
        <translation>Il faut au moins un composant.</translation>
    </message>
    <message>
        <source>Two components have the id “%1”.</source>
        <comment>manifest error</comment>
        <translation>Deux composants ont l’identifiant « %1 ».</translation>
    </message>
    <message>
        <source>A SHA-256 has 64 hexadecimal digits.</source>
        <comment>manifest error</comment>
        <translation>Une empreinte SHA-256 compte 64 chiffres hexadécimaux.</translation>
    </message>
    <message>
        <source>“%1” is not one of ask, close, force, skip, defer and fail.</source>
        <comment>manifest error</comment>
        <translation>« %1 » ne fait pas partie de ask, close, force, skip, defer et fail.</translation>
    </message>
    <message>
        <source>The key “%1” is not known.</source>
        <comment>manifest error</comment>
        <translation>La clé « %1 » est inconnue.</translation>
    </message>
    <message>
        <source>The key “%1” is not known; did you mean “%2”?</source>
        <comment>manifest error</comment>
        <translation>La clé « %1 » est inconnue ; vouliez-vous dire « %2 » ?</translation>
    </message>
    <message>
        <source>The key “%1” is missing.</source>
        <comment>manifest error</comment>
        <translation>La clé « %1 » manque.</translation>
    </message>
    <message>
        <source>“%1” must be a text.</source>
        <comment>manifest error</comment>
        <translation>« %1 » doit être un texte.</translation>
    </message>
    <message>
        <source>“%1” must not be empty.</source>
        <comment>manifest error</comment>
        <translation>« %1 » ne doit pas être vide.</translation>
    </message>
    <message>
        <source>“%1” must be true or false.</source>
        <comment>manifest error</comment>
        <translation>« %1 » doit être true ou false.</translation>
    </message>
    <message>
        <source>“%1” must be an object.</source>
        <comment>manifest error</comment>
        <translation>« %1 » doit être un objet.</translation>
    </message>
    <message>
        <source>The file “%1” does not exist.</source>
        <comment>manifest error</comment>
        <translation>Le fichier « %1 » n’existe pas.</translation>
    </message>
    <message>
        <source>The file “%1” cannot be read.</source>
        <comment>manifest error</comment>
        <translation>Le fichier « %1 » ne peut pas être lu.</translation>
    </message>
    <message>
        <source>The variable “%1” is not known; there are @HomeDir@ and @ApplicationsDir@.</source>
        <comment>manifest error</comment>
        <translation>La variable « %1 » est inconnue ; il existe @HomeDir@ et @ApplicationsDir@.</translation>
    </message>
    <message>
        <source>“%1” must be an absolute folder.</source>
        <comment>manifest error</comment>
        <translation>« %1 » doit être un dossier absolu.</translation>
    </message>
    <message>
        <source>The manifest “%1” could not be read: %2.</source>
        <comment>manifest error</comment>
        <translation>Le manifeste « %1 » n’a pas pu être lu : %2.</translation>
    </message>
    <message>
        <source>%1:%2: This is not valid JSON: %3.</source>
        <comment>manifest error</comment>
        <translation>%1:%2: Ce n’est pas du JSON valide : %3.</translation>
    </message>
    <message>
        <source>%1:1: A manifest is a JSON object.</source>
        <comment>manifest error</comment>
        <translation>%1:1: Un manifeste est un objet JSON.</translation>
    </message>
    <message>
        <source>“%1” must not contain control characters.</source>
        <comment>manifest error</comment>
        <translation>« %1 » ne doit pas contenir de caractères de contrôle.</translation>
    </message>
    <message>
        <source>“%1” is not one of replace, keep and merge.</source>
        <comment>manifest error</comment>
        <translation>« %1 » ne fait pas partie de replace, keep et merge.</translation>
    </message>
    <message>
        <source>“%1” is only for the policy “merge”.</source>
        <comment>manifest error</comment>
        <translation>« %1 » n’est prévu que pour la politique « merge ».</translation>
    </message>
    <message>
        <source>“%1” must be a path below the target, such as etc/*.conf.</source>
        <comment>manifest error</comment>
        <translation>« %1 » doit être un chemin à l’intérieur de la cible, tel que etc/*.conf.</translation>
    </message>
    <message>
        <source>The file “%1” cannot be executed.</source>
        <comment>manifest error</comment>
        <translation>Le fichier « %1 » ne peut pas être exécuté.</translation>
    </message>
    <message>
        <source>“%1” must be a whole number of seconds, from 1 to %2.</source>
        <comment>manifest error</comment>
        <translation>« %1 » doit être un nombre entier de secondes, de 1 à %2.</translation>
    </message>
</context>
<context>
    <name>Entracte::MergeProgram</name>
    <message>
        <source>Could not write “%1”: %2.</source>
        <comment>error message; %2: system</comment>
        <translation>Impossible d’écrire « %1 » : %2.</translation>
    </message>
    <message numerus="yes">
        <source>“%1” did not end within %n second(s).</source>
        <comment>error message</comment>
        <translation>
            <numerusform>« %1 » ne s’est pas terminé en %n seconde.</numerusform>
            <numerusform>« %1 » ne s’est pas terminé en %n secondes.</numerusform>
        </translation>
    </message>
    <message>
        <source>“%1” could not be started: %2.</source>
        <comment>error message; %2: system</comment>
        <translation>« %1 » n’a pas pu être lancé : %2.</translation>
    </message>
    <message>
        <source>“%1” was ended by a signal.</source>
        <comment>error message</comment>
        <translation>« %1 » a été arrêté par un signal.</translation>
    </message>
    <message>
        <source>“%1” ended with status %2.</source>
        <comment>error message</comment>
        <translation>« %1 » s’est terminé avec le code %2.</translation>
    </message>
    <message>
        <source>Only files can be merged.</source>
        <comment>error message</comment>
        <translation>Seuls des fichiers peuvent être fusionnés.</translation>
    </message>
    <message>
        <source>Could not make a folder in “%1”.</source>
        <comment>error message</comment>
        <translation>Impossible de créer un dossier dans « %1 ».</translation>
    </message>
    <message>
        <source>“%1” left no result.</source>
        <comment>error message</comment>
        <translation>« %1 » n’a laissé aucun résultat.</translation>
    </message>
</context>
<context>
    <name>Entracte::NameCollisions</name>
    <message>
        <source>it does not tell capital letters from small ones</source>
        <comment>error message, rule of a file system</comment>
        <translation>il ne distingue pas les majuscules des minuscules</translation>
    </message>
    <message>
        <source>it does not tell an accented character from a letter and an accent</source>
        <comment>error message, rule of a file system</comment>
        <translation>il ne distingue pas un caractère accentué d’une lettre suivie d’un accent</translation>
    </message>
    <message>
        <source>it tells neither capital letters from small ones nor an accented character from a letter and an accent</source>
        <comment>error message, rule of a file system</comment>
        <translation>il ne distingue ni les majuscules des minuscules, ni un caractère accentué d’une lettre suivie d’un accent</translation>
    </message>
    <message>
        <source>The payload “%1” is refused because of its entries “%2” and “%3”: to the file system of the target, “%4” and “%5” are one name, for %6.</source>
        <comment>error message; %4, %5: names, %6: rule of a file system</comment>
        <translation>La charge utile « %1 » est refusée à cause de ses entrées « %2 » et « %3 » : pour le système de fichiers de la cible, « %4 » et « %5 » sont un seul nom, car %6.</translation>
    </message>
    <message>
        <source>The payloads “%1” and “%2” are refused because of their entries “%3” and “%4”: to the file system of the target, “%5” and “%6” are one name, for %7.</source>
        <comment>error message; %5, %6: names, %7: rule of a file system</comment>
        <translation>Les charges utiles « %1 » et « %2 » sont refusées à cause de leurs entrées « %3 » et « %4 » : pour le système de fichiers de la cible, « %5 » et « %6 » sont un seul nom, car %7.</translation>
    </message>
</context>
<context>
    <name>Entracte::NextStart</name>
    <message>
        <source>Could not arrange for the next start in “%1”: %2.</source>
        <comment>error message; %2: system</comment>
        <translation>Impossible de préparer le prochain démarrage dans « %1 » : %2.</translation>
    </message>
    <message>
        <source>the copy does not run</source>
        <comment>error message, reason</comment>
        <translation>la copie ne s’exécute pas</translation>
    </message>
    <message>
        <source>its name holds a control character</source>
        <comment>error message, reason</comment>
        <translation>son nom contient un caractère de contrôle</translation>
    </message>
    <message>
        <source>Finish installing %1</source>
        <comment>name of an autostart entry or unit</comment>
        <translation>Terminer l’installation de %1</translation>
    </message>
</context>
<context>
    <name>Entracte::PayloadArchive</name>
    <message>
        <source>it is damaged, cut off or not a ZIP archive</source>
        <comment>error message, reason</comment>
        <translation>elle est endommagée, tronquée ou n’est pas une archive ZIP</translation>
    </message>
    <message>
        <source>it is encrypted</source>
        <comment>error message, rule for an archive entry</comment>
        <translation>elle est chiffrée</translation>
    </message>
    <message>
        <source>its compression method is neither stored nor deflated</source>
        <comment>error message, rule for an archive entry</comment>
        <translation>sa méthode de compression n’est ni « stored » ni « deflated »</translation>
    </message>
    <message>
        <source>it is neither a file, a folder nor a symbolic link</source>
        <comment>error message, rule for an archive entry</comment>
        <translation>ce n’est ni un fichier, ni un dossier, ni un lien symbolique</translation>
    </message>
    <message>
        <source>it wants to run as another user (set-id)</source>
        <comment>error message, rule for an archive entry</comment>
        <translation>elle veut s’exécuter sous un autre utilisateur (set-id)</translation>
    </message>
    <message>
        <source>its size is not believable</source>
        <comment>error message, rule for an archive entry</comment>
        <translation>sa taille n’est pas crédible</translation>
    </message>
    <message>
        <source>its two sizes contradict each other</source>
        <comment>error message, rule for an archive entry</comment>
        <translation>ses deux tailles se contredisent</translation>
    </message>
    <message>
        <source>it is a folder with content of its own</source>
        <comment>error message, rule for an archive entry</comment>
        <translation>c’est un dossier qui a lui-même un contenu</translation>
    </message>
    <message>
        <source>it is a link with an endless target</source>
        <comment>error message, rule for an archive entry</comment>
        <translation>c’est un lien dont la cible est sans fin</translation>
    </message>
    <message>
        <source>The payload “%1” is refused because of its entry “%2”: %3.</source>
        <comment>error message; %3: rule</comment>
        <translation>La charge utile « %1 » est refusée à cause de son entrée « %2 » : %3.</translation>
    </message>
    <message>
        <source>The payload “%1” is refused. %2</source>
        <comment>error message; %2: a sentence that names the entry and the rule</comment>
        <translation>La charge utile « %1 » est refusée. %2</translation>
    </message>
    <message>
        <source>there is too much before it</source>
        <comment>error message, rule</comment>
        <translation>il y a trop de données avant elle</translation>
    </message>
    <message>
        <source>the name occurs twice</source>
        <comment>error message, rule</comment>
        <translation>le nom apparaît deux fois</translation>
    </message>
    <message>
        <source>Could not read the payload “%1”: %2.</source>
        <comment>error message; %2: reason</comment>
        <translation>Impossible de lire la charge utile « %1 » : %2.</translation>
    </message>
    <message>
        <source>it lies below “%1”, which is not a folder</source>
        <comment>error message, rule for an archive entry</comment>
        <translation>elle se trouve sous « %1 », qui n’est pas un dossier</translation>
    </message>
    <message>
        <source>it does not exist</source>
        <comment>error message, reason</comment>
        <translation>elle n’existe pas</translation>
    </message>
    <message>
        <source>it is not a file</source>
        <comment>error message, reason</comment>
        <translation>ce n’est pas un fichier</translation>
    </message>
    <message>
        <source>it is no file</source>
        <comment>error message, rule</comment>
        <translation>ce n’est pas un fichier</translation>
    </message>
    <message>
        <source>it does not fit into the archive</source>
        <comment>error message, rule</comment>
        <translation>elle ne tient pas dans l’archive</translation>
    </message>
    <message>
        <source>it shares its bytes with “%1”</source>
        <comment>error message, rule</comment>
        <translation>elle partage ses octets avec « %1 »</translation>
    </message>
    <message>
        <source>it has a line that is not “SHA-256  path”</source>
        <comment>error message, rule</comment>
        <translation>elle contient une ligne qui n’est pas « SHA-256  chemin »</translation>
    </message>
    <message>
        <source>it names “%1”, which is not one file of the archive</source>
        <comment>error message, rule</comment>
        <translation>elle nomme « %1 », qui n’est pas un fichier unique de l’archive</translation>
    </message>
    <message>
        <source>it does not name “%1”</source>
        <comment>error message, rule</comment>
        <translation>elle ne nomme pas « %1 »</translation>
    </message>
</context>
<context>
    <name>Entracte::PayloadExtractor</name>
    <message>
        <source>The edited file “%1” was not merged with the new one: %2</source>
        <comment>log; %2: a sentence</comment>
        <translation>Le fichier modifié « %1 » n’a pas été fusionné avec le nouveau : %2</translation>
    </message>
</context>
<context>
    <name>Entracte::PayloadSurvey</name>
    <message>
        <source>The payload “%1” is not the one that the manifest promises: its SHA-256 is %2, not %3.</source>
        <comment>error message</comment>
        <translation>La charge utile « %1 » n’est pas celle que promet le manifeste : son empreinte SHA-256 est %2 et non %3.</translation>
    </message>
</context>
<context>
    <name>Entracte::PayloadWriter</name>
    <message>
        <source>Could not write “%1”: %2.</source>
        <comment>error message; %2: system</comment>
        <translation>Impossible d’écrire « %1 » : %2.</translation>
    </message>
    <message>
        <source>The archive “%1” must not lie in the folder that it is made of.</source>
        <comment>error message</comment>
        <translation>L’archive « %1 » ne doit pas se trouver dans le dossier dont elle est faite.</translation>
    </message>
    <message>
        <source>The packing was cancelled.</source>
        <comment>error message</comment>
        <translation>L’empaquetage a été annulé.</translation>
    </message>
</context>
<context>
    <name>Entracte::Planner</name>
    <message>
        <source>“%1” and “%2” both bring the file “%3”.</source>
        <comment>error message</comment>
        <translation>« %1 » et « %2 » apportent tous deux le fichier « %3 ».</translation>
    </message>
    <message>
        <source>“%1” needs the folder “%2”, but “%3” brings a file of that name.</source>
        <comment>error message</comment>
        <translation>« %1 » a besoin du dossier « %2 », mais « %3 » apporte un fichier de ce nom.</translation>
    </message>
    <message>
        <source>%1 %2 is installed, which is newer than version %3 offered here.</source>
        <comment>error message</comment>
        <translation>%1 %2 est installé, ce qui est plus récent que la version %3 proposée ici.</translation>
    </message>
    <message>
        <source>Could not replace “%1”: it is protected against any change (immutable).</source>
        <comment>error message</comment>
        <translation>Impossible de remplacer « %1 » : cet élément est protégé contre toute modification (immutable).</translation>
    </message>
</context>
<context>
    <name>Entracte::ProgressPage</name>
    <message>
        <source>Installing</source>
        <comment>progress page, title</comment>
        <translation>Installation en cours</translation>
    </message>
    <message>
        <source>Your applications stay open until everything is prepared.</source>
        <comment>progress page, subtitle</comment>
        <translation>Vos applications restent ouvertes jusqu’à ce que tout soit prêt.</translation>
    </message>
    <message>
        <source>Progress</source>
        <comment>progress page</comment>
        <translation>Progression</translation>
    </message>
    <message>
        <source>Preparing the new version…</source>
        <comment>progress page</comment>
        <translation>Préparation de la nouvelle version…</translation>
    </message>
    <message>
        <source>Looking for applications that use the files…</source>
        <comment>progress page</comment>
        <translation>Recherche des applications qui utilisent les fichiers…</translation>
    </message>
    <message>
        <source>Waiting for your decision…</source>
        <comment>progress page</comment>
        <translation>En attente de votre décision…</translation>
    </message>
    <message>
        <source>Waiting for applications to close…</source>
        <comment>progress page</comment>
        <translation>En attente de la fermeture des applications…</translation>
    </message>
    <message>
        <source>Putting the new version in place…</source>
        <comment>progress page</comment>
        <translation>Mise en place de la nouvelle version…</translation>
    </message>
    <message>
        <source>Restoring what was there before…</source>
        <comment>progress page</comment>
        <translation>Rétablissement de l’état précédent…</translation>
    </message>
    <message>
        <source>Opening your applications again…</source>
        <comment>progress page</comment>
        <translation>Réouverture de vos applications…</translation>
    </message>
    <message>
        <source>Waiting for the installation that started this one…</source>
        <comment>progress page</comment>
        <translation>En attente de l’installation qui a lancé celle-ci…</translation>
    </message>
    <message>
        <source>Installing what belongs to it…</source>
        <comment>progress page</comment>
        <translation>Installation de ce qui en fait partie…</translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2, about %n second(s) left</source>
        <comment>progress page; %1 and %2 are sizes</comment>
        <translation>
            <numerusform>%1 sur %2, encore %n seconde environ</numerusform>
            <numerusform>%1 sur %2, encore %n secondes environ</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%1 of %2, about %n minute(s) left</source>
        <comment>progress page; %1 and %2 are sizes</comment>
        <translation>
            <numerusform>%1 sur %2, encore %n minute environ</numerusform>
            <numerusform>%1 sur %2, encore %n minutes environ</numerusform>
        </translation>
    </message>
    <message>
        <source>Leaving the new version to wait…</source>
        <comment>progress page</comment>
        <translation>Mise en attente de la nouvelle version…</translation>
    </message>
</context>
<context>
    <name>Entracte::ReadyPage</name>
    <message>
        <source>Ready to Install</source>
        <comment>ready page, title</comment>
        <translation>Prêt à installer</translation>
    </message>
    <message>
        <source>Nothing has been changed yet.</source>
        <comment>ready page, subtitle</comment>
        <translation>Rien n’a encore été modifié.</translation>
    </message>
    <message>
        <source>Looking at what is installed</source>
        <comment>ready page</comment>
        <translation>Examen de ce qui est installé</translation>
    </message>
    <message>
        <source>%1 %2 will be installed.</source>
        <comment>ready page</comment>
        <translation>%1 %2 va être installé.</translation>
    </message>
    <message>
        <source>%1 %2 is installed already and will be put in order.</source>
        <comment>ready page</comment>
        <translation>%1 %2 est déjà installé et va être remis en ordre.</translation>
    </message>
    <message>
        <source>%1 will be updated from version %2 to version %3.</source>
        <comment>ready page</comment>
        <translation>%1 va passer de la version %2 à la version %3.</translation>
    </message>
    <message>
        <source>Folder: %1 (%2 will be written)</source>
        <comment>ready page: a folder, an amount of disk space</comment>
        <translation>Dossier : %1 (%2 seront écrits)</translation>
    </message>
    <message>
        <source>No application has to close.</source>
        <comment>ready page</comment>
        <translation>Aucune application ne doit être fermée.</translation>
    </message>
    <message numerus="yes">
        <source>%n application(s) will have to close for a moment. You will be asked first, and they are opened again afterwards.</source>
        <comment>ready page</comment>
        <translation>
            <numerusform>%n application devra être fermée un instant. On vous le demandera d’abord, et elle sera rouverte ensuite.</numerusform>
            <numerusform>%n applications devront être fermées un instant. On vous le demandera d’abord, et elles seront rouvertes ensuite.</numerusform>
        </translation>
    </message>
    <message>
        <source>Looking at what is installed…</source>
        <comment>ready page</comment>
        <translation>Examen de ce qui est installé…</translation>
    </message>
</context>
<context>
    <name>Entracte::ReceiptFile</name>
    <message>
        <source>Could not read what is installed from “%1”: %2.</source>
        <comment>error message; %2: reason</comment>
        <translation>Impossible de lire dans « %1 » ce qui est installé : %2.</translation>
    </message>
    <message>
        <source>its line about “%1” makes no sense</source>
        <comment>error message, reason</comment>
        <translation>sa ligne sur « %1 » n’a pas de sens</translation>
    </message>
    <message>
        <source>it is not a receipt, or damaged</source>
        <comment>error message, reason</comment>
        <translation>ce n’est pas un reçu, ou il est endommagé</translation>
    </message>
</context>
<context>
    <name>Entracte::ReopenEntries</name>
    <message>
        <source>“%1” cannot be written to, so that nothing would be opened again: %2.</source>
        <comment>error message</comment>
        <translation>Impossible d’écrire dans « %1 » ; rien ne serait donc rouvert : %2.</translation>
    </message>
    <message>
        <source>What opens programs again could not be copied to “%1”: %2.</source>
        <comment>error message</comment>
        <translation>Ce qui rouvre les programmes n’a pas pu être copié dans « %1 » : %2.</translation>
    </message>
    <message>
        <source>How to open a program again could not be written to “%1”: %2.</source>
        <comment>error message</comment>
        <translation>La manière de rouvrir un programme n’a pas pu être écrite dans « %1 » : %2.</translation>
    </message>
    <message>
        <source>“%1” could not be removed: %2.</source>
        <comment>error message</comment>
        <translation>« %1 » n’a pas pu être supprimé : %2.</translation>
    </message>
    <message>
        <source>The home folder “%1” belongs to somebody else.</source>
        <comment>why a program does not come back</comment>
        <translation>Le dossier personnel « %1 » appartient à quelqu’un d’autre.</translation>
    </message>
</context>
<context>
    <name>Entracte::Resources</name>
    <message>
        <source>“%1” is not an absolute path, so it cannot be registered.</source>
        <comment>restart manager error</comment>
        <translation>« %1 » n’est pas un chemin absolu et ne peut donc pas être enregistré.</translation>
    </message>
    <message>
        <source>%1 is not the number of a process.</source>
        <comment>restart manager error</comment>
        <translation>%1 n’est pas le numéro d’un processus.</translation>
    </message>
    <message>
        <source>“%1” is not the name of a service.</source>
        <comment>restart manager error</comment>
        <translation>« %1 » n’est pas le nom d’un service.</translation>
    </message>
</context>
<context>
    <name>Entracte::RestartCodes</name>
    <message>
        <source>Done.</source>
        <comment>restart manager result</comment>
        <translation>C’est fait.</translation>
    </message>
    <message>
        <source>There is no such filter.</source>
        <comment>restart manager result</comment>
        <translation>Ce filtre n’existe pas.</translation>
    </message>
    <message>
        <source>A folder cannot be registered under the Windows rules.</source>
        <comment>restart manager result</comment>
        <translation>Un dossier ne peut pas être enregistré selon les règles de Windows.</translation>
    </message>
    <message>
        <source>This session does not exist, or it has ended.</source>
        <comment>restart manager result</comment>
        <translation>Cette session n’existe pas ou est terminée.</translation>
    </message>
    <message>
        <source>There is not enough memory.</source>
        <comment>restart manager result</comment>
        <translation>La mémoire est insuffisante.</translation>
    </message>
    <message>
        <source>The session could not be stored.</source>
        <comment>restart manager result</comment>
        <translation>La session n’a pas pu être enregistrée.</translation>
    </message>
    <message>
        <source>Another installation held the session store for too long.</source>
        <comment>restart manager result</comment>
        <translation>Une autre installation a occupé trop longtemps le registre des sessions.</translation>
    </message>
    <message>
        <source>The request is not valid; nothing was changed.</source>
        <comment>restart manager result</comment>
        <translation>La demande n’est pas valable ; rien n’a été modifié.</translation>
    </message>
    <message>
        <source>The session is still busy with another task.</source>
        <comment>restart manager result</comment>
        <translation>La session est encore occupée par une autre tâche.</translation>
    </message>
    <message>
        <source>There is more to tell than there is room for.</source>
        <comment>restart manager result</comment>
        <translation>La place prévue ne suffit pas pour tout indiquer.</translation>
    </message>
    <message>
        <source>Some applications cannot be closed at all, so none was asked.</source>
        <comment>restart manager result</comment>
        <translation>Certaines applications ne peuvent pas du tout être fermées ; aucune n’a donc reçu de demande.</translation>
    </message>
    <message>
        <source>Some applications stayed open.</source>
        <comment>restart manager result</comment>
        <translation>Certaines applications sont restées ouvertes.</translation>
    </message>
    <message>
        <source>Some applications could not be opened again.</source>
        <comment>restart manager result</comment>
        <translation>Certaines applications n’ont pas pu être rouvertes.</translation>
    </message>
    <message>
        <source>Too many installations are open at the same time.</source>
        <comment>restart manager result</comment>
        <translation>Trop d’installations sont ouvertes en même temps.</translation>
    </message>
    <message>
        <source>Nothing was closed yet, so nothing can be opened again.</source>
        <comment>restart manager result</comment>
        <translation>Rien n’a encore été fermé ; rien ne peut donc être rouvert.</translation>
    </message>
    <message>
        <source>There is no such session, or you may not do this in it.</source>
        <comment>restart manager result</comment>
        <translation>Cette session n’existe pas, ou vous n’avez pas le droit d’y faire cela.</translation>
    </message>
    <message>
        <source>It was cancelled.</source>
        <comment>restart manager result</comment>
        <translation>L’opération a été annulée.</translation>
    </message>
</context>
<context>
    <name>Entracte::RestartOffer</name>
    <message>
        <source>• Files that nearly every program uses were replaced.</source>
        <comment>finished page: why to restart or log out</comment>
        <translation>• Des fichiers que presque tous les programmes utilisent ont été remplacés.</translation>
    </message>
    <message>
        <source>&amp;Cancel the Restart</source>
        <comment>finished page, button</comment>
        <translation>&amp;Annuler le redémarrage</translation>
    </message>
    <message>
        <source>%1 was installed.</source>
        <comment>why the computer is restarted, for all who are logged in</comment>
        <translation>%1 a été installé.</translation>
    </message>
    <message>
        <source>&amp;Open %1 again after the restart</source>
        <comment>finished page, check box</comment>
        <translation>R&amp;ouvrir %1 après le redémarrage</translation>
    </message>
    <message>
        <source>You may not restart this computer.</source>
        <comment>finished page</comment>
        <translation>Vous n’avez pas le droit de redémarrer cet ordinateur.</translation>
    </message>
    <message>
        <source>“%1” keeps the computer from being restarted: %2</source>
        <comment>finished page; %1 is a program, %2 its own words</comment>
        <translation>« %1 » empêche le redémarrage de l’ordinateur : %2</translation>
    </message>
    <message>
        <source>The computer will be restarted or shut down already at %1.</source>
        <comment>finished page; %1 is a time</comment>
        <translation>L’ordinateur sera de toute façon redémarré ou arrêté à %1.</translation>
    </message>
    <message numerus="yes">
        <source>%1 is logged in too; a restart ends what is being done there.</source>
        <comment>finished page; %1 is one or more names</comment>
        <translation>
            <numerusform>%1 a aussi une session ouverte ; un redémarrage met fin à ce qui s’y fait.</numerusform>
            <numerusform>%1 ont aussi une session ouverte ; un redémarrage met fin à ce qui s’y fait.</numerusform>
        </translation>
    </message>
    <message>
        <source>&amp;Restart the Computer</source>
        <comment>finished page, button</comment>
        <translation>&amp;Redémarrer l’ordinateur</translation>
    </message>
    <message>
        <source>&amp;Restart for Everyone</source>
        <comment>finished page, button</comment>
        <translation>&amp;Redémarrer pour tous</translation>
    </message>
    <message>
        <source>The computer is being restarted.</source>
        <comment>finished page</comment>
        <translation>L’ordinateur redémarre.</translation>
    </message>
    <message numerus="yes">
        <source>The computer restarts in %n second(s). Save your work.</source>
        <comment>finished page</comment>
        <translation>
            <numerusform>L’ordinateur redémarre dans %n seconde. Enregistrez votre travail.</numerusform>
            <numerusform>L’ordinateur redémarre dans %n secondes. Enregistrez votre travail.</numerusform>
        </translation>
    </message>
    <message>
        <source>The restart was cancelled.</source>
        <comment>finished page</comment>
        <translation>Le redémarrage a été annulé.</translation>
    </message>
    <message>
        <source>Open applications again after the restart</source>
        <comment>finished page, check box, until it is shown</comment>
        <translation>Rouvrir les applications après le redémarrage</translation>
    </message>
    <message>
        <source>%1 will not be opened again after the restart. %2</source>
        <comment>finished page; %1 is a program, %2 a sentence why</comment>
        <translation>%1 ne sera pas rouvert après le redémarrage. %2</translation>
    </message>
</context>
<context>
    <name>Entracte::RestartSession</name>
    <message>
        <source>Was opened again after it had been closed.</source>
        <comment>state of an application</comment>
        <translation>A été rouverte après avoir été fermée.</translation>
    </message>
</context>
<context>
    <name>Entracte::ServiceCloser</name>
    <message>
        <source>The service %1 was started again while it was being stopped.</source>
        <comment>state of an application</comment>
        <translation>Le service %1 a été relancé pendant son arrêt.</translation>
    </message>
    <message>
        <source>The service %1 cannot be ended.</source>
        <comment>state of an application</comment>
        <translation>Impossible de mettre fin au service %1.</translation>
    </message>
    <message>
        <source>The service %1 did not stop within the time allowed.</source>
        <comment>state of an application</comment>
        <translation>Le service %1 ne s’est pas arrêté dans le délai imparti.</translation>
    </message>
    <message>
        <source>Is started again as soon as it is down.</source>
        <comment>state of an application</comment>
        <translation>Sera relancé dès qu’il sera arrêté.</translation>
    </message>
    <message numerus="yes">
        <source>Is being stopped; ended if it takes longer than %n second(s).</source>
        <comment>state of an application</comment>
        <translation>
            <numerusform>En cours d’arrêt ; il y sera mis fin si cela dure plus de %n seconde.</numerusform>
            <numerusform>En cours d’arrêt ; il y sera mis fin si cela dure plus de %n secondes.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Entracte::ServiceRecord</name>
    <message>
        <source>This installation runs inside the service %1.</source>
        <comment>state of an application</comment>
        <translation>Cette installation s’exécute dans le service %1.</translation>
    </message>
    <message>
        <source>The system does not allow this service to be stopped.</source>
        <comment>state of an application</comment>
        <translation>Le système ne permet pas d’arrêter ce service.</translation>
    </message>
    <message>
        <source>The service %1 needs it, and the system does not allow that one to be stopped.</source>
        <comment>state of an application</comment>
        <translation>Le service %1 en a besoin, et le système ne permet pas d’arrêter celui-là.</translation>
    </message>
</context>
<context>
    <name>Entracte::ServiceStarter</name>
    <message>
        <source>The service %1 did not start within the time allowed.</source>
        <comment>state of an application</comment>
        <translation>Le service %1 n’a pas démarré dans le délai imparti.</translation>
    </message>
    <message>
        <source>It ended right after it was started again.</source>
        <comment>state of an application</comment>
        <translation>Il s’est terminé juste après avoir été relancé.</translation>
    </message>
</context>
<context>
    <name>Entracte::SessionHolder</name>
    <message>
        <source>There is no process %1 to own the session.</source>
        <comment>restart manager error</comment>
        <translation>Il n’y a pas de processus %1 pour posséder la session.</translation>
    </message>
</context>
<context>
    <name>Entracte::SessionManager</name>
    <message>
        <source>There is no session manager any more that could be asked to log you out.</source>
        <comment>error message</comment>
        <translation>Il n’y a plus de gestionnaire de session qui pourrait fermer votre session.</translation>
    </message>
    <message>
        <source>The session manager did not log you out: %1</source>
        <comment>error message; its words</comment>
        <translation>Le gestionnaire de session ne vous a pas déconnecté : %1</translation>
    </message>
    <message>
        <source>The session bus cannot be reached.</source>
        <comment>what the system answers</comment>
        <translation>Le bus de session est injoignable.</translation>
    </message>
</context>
<context>
    <name>Entracte::SessionMessage</name>
    <message>
        <source>A message to the session has no valid “%1”.</source>
        <comment>restart manager error, %1 is a field name</comment>
        <translation>Un message à la session n’a pas de « %1 » valable.</translation>
    </message>
</context>
<context>
    <name>Entracte::SessionServer</name>
    <message>
        <source>Under the Windows rules nothing can be taken back.</source>
        <comment>restart manager error</comment>
        <translation>Selon les règles de Windows, rien ne peut être retiré.</translation>
    </message>
</context>
<context>
    <name>Entracte::SessionStore</name>
    <message>
        <source>The session store “%1” cannot be used: %2.</source>
        <comment>restart manager error; %2 is the system&apos;s reply</comment>
        <translation>Le registre des sessions « %1 » ne peut pas être utilisé : %2.</translation>
    </message>
</context>
<context>
    <name>Entracte::SilentUiDelegate</name>
    <message>
        <source>Updating %1 in %2 to version %3.</source>
        <comment>silent mode</comment>
        <translation>Mise à jour de %1 dans %2 vers la version %3.</translation>
    </message>
    <message>
        <source>Installing %1 %2 in %3.</source>
        <comment>silent mode</comment>
        <translation>Installation de %1 %2 dans %3.</translation>
    </message>
    <message>
        <source>%1 (process %2) uses files that will be replaced.</source>
        <comment>silent mode</comment>
        <translation>%1 (processus %2) utilise des fichiers qui vont être remplacés.</translation>
    </message>
    <message>
        <source>%1 is open again.</source>
        <comment>silent mode</comment>
        <translation>%1 est de nouveau ouverte.</translation>
    </message>
    <message>
        <source>%1 could not be opened again: %2</source>
        <comment>silent mode</comment>
        <translation>%1 n’a pas pu être rouverte : %2</translation>
    </message>
    <message>
        <source>A file that did not belong to the old version was kept as “%1”.</source>
        <comment>silent mode</comment>
        <translation>Un fichier qui n’appartenait pas à l’ancienne version a été conservé sous le nom « %1 ».</translation>
    </message>
    <message>
        <source>%1 (%2: %3)</source>
        <comment>silent mode: outcome, exit status, its name</comment>
        <translation>%1 (%2 : %3)</translation>
    </message>
    <message>
        <source>A silent installation of %1 needs --accept-licenses.</source>
        <comment>silent mode</comment>
        <translation>Une installation silencieuse de %1 exige --accept-licenses.</translation>
    </message>
    <message>
        <source>%1 was installed.</source>
        <comment>silent mode</comment>
        <translation>%1 a été installé.</translation>
    </message>
</context>
<context>
    <name>Entracte::TargetPage</name>
    <message>
        <source>Where to Install</source>
        <comment>target page, title</comment>
        <translation>Où installer</translation>
    </message>
    <message>
        <source>%1 goes into a folder of its own.</source>
        <comment>target page, subtitle</comment>
        <translation>%1 s’installe dans un dossier qui lui est propre.</translation>
    </message>
    <message>
        <source>&amp;Folder:</source>
        <comment>target page, label</comment>
        <translation>&amp;Dossier :</translation>
    </message>
    <message>
        <source>Folder for %1</source>
        <comment>target page</comment>
        <translation>Dossier pour %1</translation>
    </message>
    <message>
        <source>B&amp;rowse…</source>
        <comment>target page, button</comment>
        <translation>Pa&amp;rcourir…</translation>
    </message>
    <message>
        <source>Browse for a folder</source>
        <comment>target page, button</comment>
        <translation>Parcourir pour choisir un dossier</translation>
    </message>
    <message>
        <source>Folder for %1</source>
        <comment>target page, window title</comment>
        <translation>Dossier pour %1</translation>
    </message>
    <message>
        <source>Please give the full path of a folder.</source>
        <comment>target page</comment>
        <translation>Veuillez donner le chemin complet d’un dossier.</translation>
    </message>
    <message>
        <source>%1 are free there.</source>
        <comment>target page, an amount of disk space</comment>
        <translation>%1 y sont libres.</translation>
    </message>
</context>
<context>
    <name>Entracte::Transaction</name>
    <message>
        <source>Could not install into “%1”: it is not a folder.</source>
        <comment>error message</comment>
        <translation>Impossible d’installer dans « %1 » : ce n’est pas un dossier.</translation>
    </message>
    <message>
        <source>Could not install into “%1”: you may not write in the folder “%2”.</source>
        <comment>error message</comment>
        <translation>Impossible d’installer dans « %1 » : vous n’avez pas le droit d’écrire dans le dossier « %2 ».</translation>
    </message>
    <message>
        <source>Could not install into “%1”: %2 are needed there, %3 are free.</source>
        <comment>error message; %2 and %3: sizes</comment>
        <translation>Impossible d’installer dans « %1 » : il y faut %2, %3 sont libres.</translation>
    </message>
</context>
<context>
    <name>Entracte::TreeSwap</name>
    <message>
        <source>Could not bring back what was in “%1”: %2</source>
        <comment>error message; %2: a sentence</comment>
        <translation>Impossible de rétablir ce qui était dans « %1 » : %2</translation>
    </message>
</context>
<context>
    <name>Entracte::UnitHold</name>
    <message>
        <source>The service %1 cannot be kept from starting: %2.</source>
        <comment>outcome; %2 is the system&apos;s answer</comment>
        <translation>Le service %1 ne peut pas être empêché de démarrer : %2.</translation>
    </message>
</context>
<context>
    <name>Entracte::UnitManager</name>
    <message>
        <source>The manager of services cannot be reached.</source>
        <comment>outcome</comment>
        <translation>Le gestionnaire de services est injoignable.</translation>
    </message>
    <message>
        <source>The service %1 is not known: %2</source>
        <comment>outcome; %2 is the system&apos;s answer</comment>
        <translation>Le service %1 est inconnu : %2</translation>
    </message>
    <message>
        <source>There is no service %1.</source>
        <comment>outcome</comment>
        <translation>Il n’y a pas de service %1.</translation>
    </message>
    <message>
        <source>The service %1 could not be started: %2</source>
        <comment>outcome; %2 is the system&apos;s answer</comment>
        <translation>Le service %1 n’a pas pu être démarré : %2</translation>
    </message>
    <message>
        <source>The service %1 could not be stopped: %2</source>
        <comment>outcome; %2 is the system&apos;s answer</comment>
        <translation>Le service %1 n’a pas pu être arrêté : %2</translation>
    </message>
    <message>
        <source>The service %1 could not be started: the system says “%2”.</source>
        <comment>outcome; %2 is one word of systemd</comment>
        <translation>Le service %1 n’a pas pu être démarré : le système répond « %2 ».</translation>
    </message>
    <message>
        <source>The service %1 could not be stopped: the system says “%2”.</source>
        <comment>outcome; %2 is one word of systemd</comment>
        <translation>Le service %1 n’a pas pu être arrêté : le système répond « %2 ».</translation>
    </message>
    <message>
        <source>The manager of services did not read its files anew: %1</source>
        <comment>outcome; %1 is the system&apos;s answer</comment>
        <translation>Le gestionnaire de services n’a pas relu ses fichiers : %1</translation>
    </message>
</context>
<context>
    <name>Entracte::UserAgent</name>
    <message>
        <source>The helper process of user %1 does not answer.</source>
        <comment>error message</comment>
        <translation>Le processus auxiliaire de l’utilisateur %1 ne répond pas.</translation>
    </message>
</context>
<context>
    <name>Entracte::UserUnit</name>
    <message>
        <source>“%1” did not start within the time allowed.</source>
        <comment>error message</comment>
        <translation>« %1 » n’a pas démarré dans le temps imparti.</translation>
    </message>
    <message>
        <source>It ended right after it was opened again.</source>
        <comment>state of an application</comment>
        <translation>Elle s’est terminée aussitôt après sa réouverture.</translation>
    </message>
    <message>
        <source>“%1” could not be started again: the system says “%2”.</source>
        <comment>error message</comment>
        <translation>« %1 » n’a pas pu être redémarré : le système répond « %2 ».</translation>
    </message>
</context>
<context>
    <name>Entracte::UsersReopening</name>
    <message>
        <source>%1 (%2)</source>
        <comment>a program, the login name of its user</comment>
        <translation>%1 (%2)</translation>
    </message>
    <message>
        <source>What is open</source>
        <comment>instead of the name of a program</comment>
        <translation>Ce qui est ouvert</translation>
    </message>
    <message>
        <source>It runs for %1, and only an installer that root runs may arrange that.</source>
        <comment>why a program does not come back; %1 is a login name</comment>
        <translation>Il s’exécute pour %1, et seul un installateur lancé par root peut l’organiser.</translation>
    </message>
    <message>
        <source>Nothing can be done with the rights of user %1.</source>
        <comment>why a program does not come back; %1 is a login name</comment>
        <translation>Rien ne peut être fait avec les droits de l’utilisateur %1.</translation>
    </message>
</context>
<context>
    <name>Entracte::WelcomePage</name>
    <message>
        <source>Welcome to %1 %2</source>
        <comment>welcome page, title</comment>
        <translation>Bienvenue dans %1 %2</translation>
    </message>
    <message>
        <source>Applications that are open can stay open while everything is prepared. Only those that use files of %1 will be asked to close for a moment, and they are opened again afterwards.</source>
        <comment>welcome page</comment>
        <translation>Les applications ouvertes peuvent le rester pendant la préparation. Seules celles qui utilisent des fichiers de %1 devront être fermées un instant ; elles seront rouvertes ensuite.</translation>
    </message>
    <message>
        <source>Licence</source>
        <comment>welcome page</comment>
        <translation>Licence</translation>
    </message>
    <message>
        <source>I &amp;accept the licence</source>
        <comment>welcome page, check box</comment>
        <translation>J’&amp;accepte la licence</translation>
    </message>
</context>
<context>
    <name>Entracte::WorkPlace</name>
    <message>
        <source>Could not work on “%1”: “%2” is in the way and is not a folder.</source>
        <comment>error message</comment>
        <translation>Impossible de travailler sur « %1 » : « %2 » gêne et n’est pas un dossier.</translation>
    </message>
    <message>
        <source>Could not work on “%1”: another installation is at work there.</source>
        <comment>error message</comment>
        <translation>Impossible de travailler sur « %1 » : une autre installation y est en cours.</translation>
    </message>
</context>
</TS>
