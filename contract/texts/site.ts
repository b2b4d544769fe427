import type { Translations } from "./languages.ts";

/**
 * Everything that a gated deployment says to its visitors: English, then de, fr, es, ja, pt.
 *
 * It is part of every site's bundle, so it is few and short texts for many codes. A text that isn't here does not
 * compile; one that lacks a language fails test/contract/texts. German says Sie, French vous, Spanish usted, Japanese
 * is polite; Portuguese is readable on both sides of the Atlantic.
 */
export const siteTexts = {
  // Titles.
  "Sign in to see this page": [
    "Melden Sie sich an, um diese Seite zu sehen",
    "Connectez-vous pour voir cette page",
    "Inicie sesión para ver esta página",
    "このページを表示するにはサインインしてください",
    "Entre para ver esta página",
  ],
  "You have no access to this page": [
    "Sie haben keinen Zugriff auf diese Seite",
    "Vous n’avez pas accès à cette page",
    "No tiene acceso a esta página",
    "アクセス権がありません",
    "Sem acesso a esta página",
  ],
  "There is nothing here": [
    "Hier gibt es nichts",
    "Il n’y a rien ici",
    "Aquí no hay nada",
    "ここには何もありません",
    "Não há nada aqui",
  ],
  "This preview has ended": [
    "Diese Vorschau ist abgelaufen",
    "Cet aperçu a expiré",
    "Esta vista previa ha caducado",
    "このプレビューは終了しました",
    "Esta pré-visualização expirou",
  ],
  "This page can’t be shown right now": [
    "Diese Seite ist gerade nicht verfügbar",
    "Cette page est indisponible",
    "Esta página no está disponible",
    "現在このページを表示できません",
    "Esta página não está disponível",
  ],
  "Sign-in was not finished": [
    "Die Anmeldung wurde nicht abgeschlossen",
    "La connexion n’a pas abouti",
    "El inicio de sesión no se completó",
    "サインインが完了しませんでした",
    "O login não foi concluído",
  ],
  "You are signed in": [
    "Sie sind angemeldet",
    "Connexion réussie",
    "Ha iniciado sesión",
    "サインインしました",
    "Login concluído",
  ],
  "You are signed out": [
    "Sie sind abgemeldet",
    "Déconnexion réussie",
    "Ha cerrado sesión",
    "サインアウトしました",
    "Sessão encerrada",
  ],
  // Sentences.
  "Please try again, and allow cookies for this site.": [
    "Versuchen Sie es noch einmal und erlauben Sie Cookies für diese Website.",
    "Veuillez réessayer et autoriser les cookies pour ce site.",
    "Inténtelo de nuevo y permita las cookies de este sitio.",
    "このサイトの Cookie を許可して、もう一度お試しください。",
    "Tente novamente e permita os cookies deste site.",
  ],
  "Please try again later, or report the reference.": [
    "Versuchen Sie es später noch einmal oder melden Sie die Referenz.",
    "Veuillez réessayer plus tard ou signaler la référence.",
    "Inténtelo más tarde o comunique la referencia.",
    "後でもう一度お試しいただくか、参照番号をお知らせください。",
    "Tente mais tarde ou comunique a referência.",
  ],
  "Sign-in can’t be reached.": [
    "Die Anmeldung ist nicht erreichbar.",
    "La connexion n’est pas disponible.",
    "El inicio de sesión no está disponible.",
    "サインインを利用できません。",
    "O login não está disponível.",
  ],
  "This page tries again by itself.": [
    "Diese Seite versucht es von selbst noch einmal.",
    "Cette page réessaie d’elle-même.",
    "Esta página lo intenta de nuevo por sí sola.",
    "このページは自動的に再試行します。",
    "Esta página tenta de novo automaticamente.",
  ],
  "The sign-in page still knows you.": [
    "Die Anmeldeseite kennt Sie noch.",
    "La page de connexion vous reconnaît encore.",
    "La página de inicio de sesión aún le reconoce.",
    "サインイン ページではサインイン中です。",
    "A página de login ainda mantém a sessão.",
  ],
  // Buttons and links.
  "Sign in with Microsoft": [
    "Mit Microsoft anmelden",
    "Se connecter avec Microsoft",
    "Iniciar sesión con Microsoft",
    "Microsoft でサインイン",
    "Entrar com a Microsoft",
  ],
  "I was just given access": [
    "Ich habe gerade Zugriff bekommen",
    "Je viens d’obtenir l’accès",
    "Acabo de recibir acceso",
    "アクセス権を再確認",
    "Acabei de receber acesso",
  ],
  "Use another account": [
    "Anderes Konto verwenden",
    "Utiliser un autre compte",
    "Usar otra cuenta",
    "別のアカウントを使う",
    "Usar outra conta",
  ],
  "Try again": [
    "Noch einmal versuchen",
    "Réessayer",
    "Volver a intentarlo",
    "もう一度試す",
    "Tentar novamente",
  ],
  Continue: ["Weiter", "Continuer", "Continuar", "続行", "Continuar"],
  "Sign out": ["Abmelden", "Se déconnecter", "Cerrar sesión", "サインアウト", "Sair"],
  "Sign out there, too": [
    "Auch dort abmelden",
    "S’y déconnecter aussi",
    "Cerrarla también allí",
    "そちらもサインアウト",
    "Sair também lá",
  ],
  "Start page": ["Startseite", "Accueil", "Inicio", "トップページ", "Início"],
  // Labels.
  "Signed in as": ["Angemeldet als", "Compte", "Cuenta", "アカウント", "Conta"],
  Rule: ["Regel", "Règle", "Regla", "ルール", "Regra"],
  "Access for": ["Zugriff für", "Accès pour", "Acceso para", "対象", "Acesso para"],
  Members: ["Mitglieder", "Membres", "Miembros", "メンバー", "Membros"],
  Guests: ["Gäste", "Invités", "Invitados", "ゲスト", "Convidados"],
  Help: ["Hilfe", "Aide", "Ayuda", "お問い合わせ先", "Ajuda"],
  Reference: ["Referenz", "Référence", "Referencia", "参照番号", "Referência"],
} as const satisfies Translations;

export type SiteText = keyof typeof siteTexts;
