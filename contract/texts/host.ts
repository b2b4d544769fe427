import type { Translations } from "./languages.ts";
import { siteTexts } from "./site.ts";

/**
 * Everything that the sign-in host says to its visitors: English, then de, fr, es, ja, pt. A text that isn't here does
 * not compile; one that lacks a language fails test/contract/texts.
 */
export const hostTexts = {
  ...siteTexts,
  // Titles.
  "Signing you in": [
    "Sie werden angemeldet",
    "Connexion en cours",
    "Iniciando sesión",
    "サインインしています",
    "A entrar",
  ],
  "Signing you out at Microsoft": [
    "Sie werden bei Microsoft abgemeldet",
    "Déconnexion de Microsoft en cours",
    "Cerrando sesión en Microsoft",
    "Microsoft からサインアウトしています",
    "A sair da Microsoft",
  ],
  "You have no access to this site": [
    "Sie haben keinen Zugriff auf diese Website",
    "Vous n’avez pas accès à ce site",
    "No tiene acceso a este sitio",
    "このサイトへのアクセス権がありません",
    "Sem acesso a este site",
  ],
  "Sign-in is not possible here": [
    "Hier ist keine Anmeldung möglich",
    "La connexion n’est pas possible ici",
    "Aquí no es posible iniciar sesión",
    "ここではサインインできません",
    "Não é possível entrar aqui",
  ],
  "Sign-in is not possible right now": [
    "Die Anmeldung ist gerade nicht möglich",
    "La connexion est momentanément impossible",
    "Ahora no es posible iniciar sesión",
    "現在サインインできません",
    "Não é possível entrar neste momento",
  ],
  "You are signed out here": [
    "Sie sind hier abgemeldet",
    "Déconnexion réussie sur cette page",
    "Ha cerrado sesión aquí",
    "ここからサインアウトしました",
    "Sessão encerrada aqui",
  ],
  "Sign out?": ["Abmelden?", "Se déconnecter ?", "¿Cerrar sesión?", "サインアウトしますか?", "Sair?"],
  // Sentences.
  "Open this page in a tab of its own.": [
    "Öffnen Sie diese Seite in einem eigenen Tab.",
    "Ouvrez cette page dans son propre onglet.",
    "Abra esta página en su propia pestaña.",
    "このページを別のタブで開いてください。",
    "Abra esta página numa janela própria.",
  ],
  "Sign-in is broken right now. Please pass the reference on to the people who run this site.": [
    "Bei der Anmeldung ist etwas nicht in Ordnung. Bitte geben Sie die Referenz an die Betreiber dieser Website weiter.",
    "La connexion ne fonctionne pas. Veuillez transmettre la référence aux responsables de ce site.",
    "El inicio de sesión no funciona. Comunique la referencia a los responsables de este sitio.",
    "サインインに問題が発生しています。参照番号をこのサイトの管理者にお知らせください。",
    "O login não está a funcionar. Informe a referência aos responsáveis por este site.",
  ],
  "This sign-in can’t be finished here. Go back to the page you wanted and open it again.": [
    "Diese Anmeldung lässt sich hier nicht abschließen. Kehren Sie zu der gewünschten Seite zurück und öffnen Sie sie noch einmal.",
    "Cette connexion ne peut pas aboutir ici. Revenez à la page souhaitée et ouvrez-la de nouveau.",
    "Este inicio de sesión no se puede completar aquí. Vuelva a la página que quería ver y ábrala de nuevo.",
    "このサインインはここでは完了できません。表示したいページに戻り、もう一度開いてください。",
    "Este login não pode ser concluído aqui. Volte à página desejada e abra-a novamente.",
  ],
  "If that keeps happening, your browser may be blocking cookies.": [
    "Wenn das immer wieder geschieht, blockiert Ihr Browser vielleicht Cookies.",
    "Si cela se reproduit, votre navigateur bloque peut-être les cookies.",
    "Si sigue ocurriendo, es posible que su navegador esté bloqueando las cookies.",
    "何度も繰り返される場合は、ブラウザーが Cookie をブロックしている可能性があります。",
    "Se continuar a acontecer, o navegador pode estar a bloquear os cookies.",
  ],
  "Sign-in can’t be reached right now. Please try again in a few minutes.": [
    "Die Anmeldung ist gerade nicht erreichbar. Bitte versuchen Sie es in ein paar Minuten noch einmal.",
    "Le service de connexion est momentanément injoignable. Veuillez réessayer dans quelques minutes.",
    "El servicio de inicio de sesión no está disponible ahora. Vuelva a intentarlo en unos minutos.",
    "現在サインイン サービスに接続できません。数分後にもう一度お試しください。",
    "O serviço de login não está disponível agora. Tente novamente em alguns minutos.",
  ],
  "Microsoft can’t be reached right now. Please try again in a few minutes.": [
    "Microsoft ist gerade nicht erreichbar. Bitte versuchen Sie es in ein paar Minuten noch einmal.",
    "Microsoft est momentanément injoignable. Veuillez réessayer dans quelques minutes.",
    "Microsoft no está disponible ahora. Vuelva a intentarlo en unos minutos.",
    "現在 Microsoft に接続できません。数分後にもう一度お試しください。",
    "A Microsoft não está disponível agora. Tente novamente em alguns minutos.",
  ],
  "This can only be asked for from the sign-in page itself.": [
    "Das ist nur von der Anmeldeseite selbst aus möglich.",
    "Cela n’est possible que depuis la page de connexion elle-même.",
    "Esto solo es posible desde la propia página de inicio de sesión.",
    "この操作はサインインのページからのみ行えます。",
    "Isto só é possível a partir da própria página de login.",
  ],
  "This sign-in page doesn’t know the site that sent you here.": [
    "Diese Anmeldeseite kennt die Website nicht, von der Sie kommen.",
    "Cette page de connexion ne connaît pas le site d’où vous venez.",
    "Esta página de inicio de sesión no reconoce el sitio del que viene.",
    "移動元のサイトは、このサインインのページに登録されていません。",
    "Esta página de login não reconhece o site de origem.",
  ],
  "This sign-in page can’t tell which site sent you here.": [
    "Diese Anmeldeseite kann nicht feststellen, von welcher Website Sie kommen.",
    "Cette page de connexion ne peut pas déterminer de quel site vous venez.",
    "Esta página de inicio de sesión no puede determinar de qué sitio viene.",
    "移動元のサイトを特定できません。",
    "Esta página de login não consegue identificar o site de origem.",
  ],
  "Nobody is let in here.": [
    "Hier wird niemand eingelassen.",
    "Personne n’est admis ici.",
    "Aquí no se admite a nadie.",
    "このサイトには誰もアクセスできません。",
    "Ninguém tem acesso aqui.",
  ],
  "Microsoft did not let this sign-in finish: it was cancelled or access was denied.": [
    "Microsoft hat die Anmeldung nicht abgeschlossen: Sie wurde abgebrochen oder der Zugriff wurde verweigert.",
    "Microsoft n’a pas terminé la connexion : elle a été annulée ou l’accès a été refusé.",
    "Microsoft no completó el inicio de sesión: se canceló o se denegó el acceso.",
    "Microsoft でのサインインが完了しませんでした。キャンセルされたか、アクセスが拒否されました。",
    "A Microsoft não concluiu o login: foi cancelado ou o acesso foi negado.",
  ],
  "Microsoft needs something more from you before this sign-in can finish. Please try again.": [
    "Microsoft braucht noch etwas von Ihnen, bevor die Anmeldung abgeschlossen werden kann. Bitte versuchen Sie es noch einmal.",
    "Microsoft a besoin d’une action de votre part pour terminer la connexion. Veuillez réessayer.",
    "Microsoft necesita algo más de usted para completar el inicio de sesión. Vuelva a intentarlo.",
    "サインインを完了するには、Microsoft で追加の操作が必要です。もう一度お試しください。",
    "A Microsoft precisa de mais uma ação para concluir o login. Tente novamente.",
  ],
  "Only people can sign in here.": [
    "Hier können sich nur Personen anmelden.",
    "Seules des personnes peuvent se connecter ici.",
    "Aquí solo pueden iniciar sesión personas.",
    "ここではユーザーのみがサインインできます。",
    "Apenas pessoas podem entrar aqui.",
  ],
  "You are signed in, but this site’s rules don’t let you in.": [
    "Sie sind angemeldet, aber die Regeln dieser Website lassen Sie nicht ein.",
    "Vous êtes bien connecté, mais les règles de ce site ne vous autorisent pas à entrer.",
    "Ha iniciado sesión, pero las reglas de este sitio no le permiten entrar.",
    "サインインは完了していますが、このサイトのルールではアクセスが許可されていません。",
    "O login foi feito, mas as regras deste site não permitem o acesso.",
  ],
  "You will be asked who you are when you open a protected site again.": [
    "Wenn Sie wieder eine geschützte Website öffnen, werden Sie gefragt, wer Sie sind.",
    "Votre identité vous sera demandée à la prochaine ouverture d’un site protégé.",
    "Se le pedirá que se identifique cuando vuelva a abrir un sitio protegido.",
    "次に保護されたサイトを開くときに、もう一度サインインが必要になります。",
    "Será pedida a identificação na próxima vez que abrir um site protegido.",
  ],
  "Sites that you have open let you in until they check again, as often as each site’s rules say, at most until your session there ends. To leave one at once, sign out there too.":
    [
      "Geöffnete Websites lassen Sie ein, bis sie das nächste Mal prüfen: so oft, wie es ihre Regeln sagen, längstens bis Ihre Sitzung dort endet. Um eine sofort zu verlassen, melden Sie sich auch dort ab.",
      "Les sites ouverts restent accessibles jusqu’à leur prochaine vérification, dont la fréquence dépend de leurs règles, et au plus tard jusqu’à la fin de votre session. Pour en quitter un immédiatement, déconnectez-vous-en aussi.",
      "Los sitios que tenga abiertos le permitirán entrar hasta su próxima comprobación, según las reglas de cada uno, y como máximo hasta que termine su sesión en ellos. Para salir de uno de inmediato, cierre sesión también allí.",
      "開いているサイトには、次の確認が行われるまで、長くてもそのサイトのセッションが終わるまでアクセスできます。確認の間隔はサイトごとに異なります。すぐに終了するには、そのサイトでもサインアウトしてください。",
      "Os sites abertos continuam acessíveis até à próxima verificação, conforme as regras de cada um, e no máximo até ao fim da sessão. Para sair de um deles de imediato, termine a sessão também nele.",
    ],
  "You may still be signed in at Microsoft; then the next sign-in needs no password.": [
    "Bei Microsoft sind Sie vielleicht noch angemeldet; dann braucht die nächste Anmeldung kein Kennwort.",
    "Votre session Microsoft est peut-être encore ouverte ; la prochaine connexion se fera alors sans mot de passe.",
    "Es posible que su sesión de Microsoft siga abierta; en ese caso, la próxima vez no se le pedirá la contraseña.",
    "Microsoft にはサインインしたままの場合があります。その場合、次回のサインインではパスワードは求められません。",
    "A sessão na Microsoft pode continuar aberta; nesse caso, o próximo login não pedirá senha.",
  ],
  // To programs.
  "This token is not accepted.": [
    "Dieses Token wird nicht angenommen.",
    "Ce jeton n’est pas accepté.",
    "Este token no se acepta.",
    "このトークンは受け付けられません。",
    "Este token não é aceite.",
  ],
  "This request can’t be read.": [
    "Diese Anfrage ist nicht lesbar.",
    "Cette requête est illisible.",
    "Esta solicitud no se puede leer.",
    "このリクエストは読み取れません。",
    "Este pedido não pode ser lido.",
  ],
  // Buttons, links and labels.
  "Sign out here and at Microsoft": [
    "Hier und bei Microsoft abmelden",
    "Se déconnecter ici et de Microsoft",
    "Cerrar sesión aquí y en Microsoft",
    "ここと Microsoft からサインアウト",
    "Sair daqui e da Microsoft",
  ],
  "Sign out at Microsoft": [
    "Bei Microsoft abmelden",
    "Se déconnecter de Microsoft",
    "Cerrar sesión en Microsoft",
    "Microsoft からサインアウト",
    "Sair da Microsoft",
  ],
  "On the way to": ["Weiter zu", "Destination", "Destino", "移動先", "Destino"],
} as const satisfies Translations;

export type HostText = keyof typeof hostTexts;
