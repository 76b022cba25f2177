// A mail filter may have turned the # of a personal link into %23: then the
// host looks for a file of that name and shows the page that nothing is there.
// Its script leads on to the deal, and the ~ tells the lock page what happened.
const broken = /^(.*\/[0-9a-hjkmnp-tv-z]{16})\/?(?:index\.html)?\??%(?:25)*23([0-9a-z-]{28,40})/i.exec(location.pathname + location.search);
if (broken) location.replace(`${broken[1]}/#${broken[2]}~`);
