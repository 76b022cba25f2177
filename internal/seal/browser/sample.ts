// A plan of nothing, laid out unseen while the lock page shows. Half of the time
// in which a browser draws its first plan goes to what it does once: it asks
// another process for every font in every size, and reads the rules of a style
// when they first apply. Nothing of the deal is in it, and it is gone a frame
// later; of a theme with other names it warms less, and breaks nothing.
import { parse } from "./trust";

/** What the window shows of a plan at first, by the names that styles go by. */
const plan = `<header class="top"><div class="wrap"><p class="brands"><span class="by">×</span><span class="brand buyer"><span class="mark buyer">x</span>x</span></p>
<p class="facts quiet"><span>x <time>1</time></span><span class="secret">x</span></p>
<address class="contact"><span class="face seller">x</span><span class="who"><b>x</b><span class="quiet">x</span></span><a class="button icon" href="#"><svg class="i"><use/></svg><span class="vh">x</span></a></address></div></header>
<main><div class="hero"><div class="wrap"><div class="pitch"><p class="eyebrow">x</p><h1>x</h1><p class="lead">x</p></div>
<section class="card standing"><h2 class="vh">x</h2><div class="state" data-state="attention"><p class="health"><svg class="i"><path/></svg><span><b>x</b> <span class="quiet">x</span></span></p>
<p class="golive"><span class="quiet">x</span> <b><time>1</time></b></p></div>
<div class="progress"><p class="quiet">x<span>1</span></p><ol><li data-state="at_risk"><span class="bar"></span><a href="#">x</a></li><li data-state="done"><span class="bar"></span><a href="#">x</a></li></ol></div>
<div class="next"><p class="label">x</p><p class="what"><a href="#">x</a></p><p class="row"><span class="person"><span class="face buyer">x</span><span class="name">x <span class="quiet">x</span></span></span><span class="pill" data-state="overdue"><svg class="i"><use/></svg><span>x</span></span></p></div>
<p class="ask why"><span><b>x</b><a href="#">x</a></span></p></section>
<div class="worth"><dl class="highlights"><div><dt>x</dt><dd><span class="from">1</span> <b>1</b></dd></div></dl><p class="aim"><b>x</b> x</p><p class="quiet">x</p></div></div></div>
<div class="tabs"><div class="wrap"><nav class="sections"><ul><li><a href="#">x</a></li></ul></nav><button class="button" type="button"><svg class="i"><use/></svg>x</button></div></div>
<div class="wrap flow"><section class="intro"><div class="prose"><p>x</p></div></section><section><div class="head"><h2>x</h2></div><p class="label">x</p></section></div></main>`;

/** Lays it out in the next frame, and takes it away. */
export function warm(): void {
  const place = document.createElement("div");
  place.className = "deal";
  place.inert = true;
  place.style.cssText = "position:fixed;inset:0;contain:strict;visibility:hidden";
  place.append(...parse(plan).body.children);
  document.body.append(place);
  requestAnimationFrame(() => setTimeout(() => place.remove()));
}
