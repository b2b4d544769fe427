// Contrast is at least 4.5:1 for text and 3:1 for what bars and marks mean, in both schemes (WCAG 2.2, 1.4.3 and 1.4.11).
export const style =
  ":root{color-scheme:light dark;--back:light-dark(#f4f6f9,#13161b);--card:light-dark(#fff,#1c2027);--text:light-dark(#1b1f27,#eceff4);" +
  "--soft:light-dark(#566071,#a7b0bf);--line:light-dark(#d9dee6,#3a414d);--link:light-dark(#0b57d0,#8ab4f8);" +
  "--good:light-dark(#2f6fde,#6ea2f5);--bad:light-dark(#c5221f,#f28b82);--new:light-dark(#8a5300,#f0b35b);--badback:light-dark(#fdeceb,#3a1f20);--newback:light-dark(#fdf3e1,#33291a)}" +
  "*{box-sizing:border-box;margin:0}body{padding:0 clamp(.75rem,3vw,2rem) 3rem;background:var(--back);color:var(--text);font:.9375rem/1.5 system-ui,sans-serif}" +
  "body>*{max-width:78rem;margin-inline:auto}" +
  "header{display:flex;flex-wrap:wrap;align-items:baseline;gap:.25rem 1.5rem;padding:1.25rem 0 .75rem}" +
  "h1{font-size:1.375rem;line-height:1.3}h2{font-size:1.0625rem;line-height:1.35;margin-bottom:.5rem}" +
  "header p{color:var(--soft);overflow-wrap:anywhere}header p:last-child{margin-inline-start:auto}" +
  "a{color:var(--link)}nav{display:flex;flex-wrap:wrap;gap:.25rem;border-bottom:1px solid var(--line);margin-bottom:1rem}" +
  "nav a{padding:.5rem .9rem;text-decoration:none;border-bottom:3px solid transparent}nav a:hover{text-decoration:underline}" +
  "nav a[aria-current]{color:var(--text);font-weight:600;border-color:var(--link)}" +
  "section,form{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1rem clamp(.75rem,2vw,1.25rem);margin-bottom:1rem}" +
  "form{display:flex;flex-wrap:wrap;gap:.75rem;align-items:end}" +
  "label{display:grid;gap:.2rem;color:var(--soft);font-size:.8125rem;flex:1 1 11rem}label.wide{flex:3 1 20rem}label.when{flex:0 1 15rem}form i{flex-basis:100%;height:0}" +
  "input,select,button{font:inherit;font-size:.9375rem;color:var(--text);background:var(--back);border:1px solid light-dark(#878f9c,#6f7886);border-radius:.5rem;padding:.45rem .6rem;min-height:2.5rem;width:100%}" +
  "button{width:auto;background:var(--link);border-color:var(--link);color:light-dark(#fff,#13161b);font-weight:600;padding-inline:1.1rem;cursor:pointer}" +
  ":focus-visible{outline:3px solid var(--link);outline-offset:2px}" +
  ".spans{display:flex;flex-wrap:wrap;gap:.25rem .9rem;flex:1 1 16rem;align-self:center;font-size:.875rem}.spans [aria-current]{color:var(--text);font-weight:600;text-decoration:none}" +
  ".facts{display:flex;flex-wrap:wrap;gap:.5rem 2.5rem;margin-bottom:.75rem}.facts div{display:flex;flex-direction:column-reverse}.facts dt{color:var(--soft);font-size:.8125rem}.facts dd{font-size:1.5rem;font-weight:600;line-height:1.2}" +
  ".note{padding:.55rem .8rem;border-radius:.5rem;margin-bottom:.5rem;border-inline-start:4px solid var(--new);background:var(--newback)}.note.bad{border-color:var(--bad);background:var(--badback)}" +
  ".chart{display:block;width:100%;height:auto}.chart .good{fill:var(--good)}.chart .bad{fill:var(--bad)}.chart .new{fill:var(--new)}.chart .axis{stroke:var(--line)}.chart text{fill:var(--soft);font:13px system-ui,sans-serif}.chart .burst{fill:var(--badback)}" +
  ".key{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;color:var(--soft);font-size:.8125rem;list-style:none;padding:0;margin:.5rem 0}.key svg{width:.75rem;height:.75rem;margin-inline-end:.4rem;vertical-align:-.05rem}" +
  "details{margin-top:.5rem}summary{cursor:pointer;color:var(--link)}" +
  "table{width:100%;border-collapse:collapse}caption{text-align:start;font-weight:600;font-size:1.0625rem;padding-bottom:.5rem}p+table{margin-top:.75rem}" +
  "th,td{text-align:start;vertical-align:top;padding:.5rem .6rem .5rem 0;border-top:1px solid var(--line);overflow-wrap:anywhere}th{font-size:.8125rem;color:var(--soft);font-weight:500;white-space:nowrap}tbody th{white-space:normal;color:var(--text);font-size:inherit}" +
  "td.n,th.n{text-align:end}time{white-space:nowrap;font-variant-numeric:tabular-nums}" +
  "small{color:var(--soft);display:block;font-size:.8125rem}code{font:.8125rem ui-monospace,monospace}" +
  "b.good,b.bad,b.new{font-weight:600}b.good{color:var(--good)}b.bad{color:var(--bad)}b.new{color:var(--new)}" +
  ".pages{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;margin-top:.9rem;align-items:baseline}.pages p{margin-inline-start:auto}" +
  "@media(max-width:46rem){header p:last-child{margin-inline-start:0}.facts{gap:.5rem 1.5rem}thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}" +
  "table,tbody,caption{display:block}tr{display:block;border-top:1px solid var(--line);padding:.6rem 0}td,tbody th,td.n{display:grid;grid-template-columns:6.5rem 1fr;border:0;padding:.15rem 0;text-align:start}td:empty,td:has(>div:empty){display:none}" +
  "td[data-label]:before,tbody th[data-label]:before{content:attr(data-label);color:var(--soft);font-size:.8125rem;font-weight:500}button{width:100%}label.when{flex:1 1 100%}.pages p{margin-inline-start:0}.chart text{font-size:26px}.chart .odd{display:none}}";
