/** The look of every page of the stand-in. */
export const style = `
:root { color-scheme: light dark }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 54rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem; font-weight: 500 } h1 span, .muted { opacity: .65 }
article { border: 1px solid #8886; border-radius: 8px; margin: 1rem 0 } article > header { padding: .5rem 1rem; border-bottom: 1px solid #8886; background: #8881 }
article > div { padding: .5rem 1rem; overflow-wrap: anywhere } img { max-width: 100% }
table { border-collapse: collapse } th, td { border: 1px solid #8886; padding: .3rem .7rem; text-align: left }
code { background: #8882; padding: .1em .3em; border-radius: 4px } pre { background: #8882; padding: .8rem; overflow: auto } pre code { background: none; padding: 0 }
blockquote { margin: 0; padding-left: 1rem; border-left: 4px solid #8886 } .alert { font-weight: 600 }
.success { color: #1a7f37 } .failure, .error { color: #cf222e } .pending, .in_progress { color: #9a6700 }
`;
