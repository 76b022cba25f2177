// What a preview adds to a page on its author's machine: a bar to see it in
// other ways, mistakes over it, and each change as it is made. It is in no page
// that is built.

import { bar } from "./bar";
import { framed, host } from "./host";
import { live } from "./live";
import { emulate } from "./media";
import { mistakes } from "./mistakes";
import { restore } from "./place";
import { onChange } from "./settings";

restore();
onChange(emulate);
const at = host();
const status = framed ? (): void => {} : bar(at);
live(mistakes(at, status), status);
