/** Keep the focus near where it was when what had it goes away: a page without focus begins anew for
 * whoever uses the keyboard. */
export function keepFocus(within: HTMLElement): () => void {
  let path: HTMLElement[] = [];
  const remember = (event: FocusEvent) => {
    path = [];
    for (let node = event.target as HTMLElement | null; node && within.contains(node); node = node.parentElement) path.push(node);
  };
  const forget = () => (path = []);
  const changes = new MutationObserver(() => {
    if (!path.length || path[0].isConnected || document.activeElement !== document.body) return;
    const near = path.find((node) => node.isConnected) ?? within;
    if (near.tabIndex < 0) near.tabIndex = -1;
    near.focus({ preventScroll: true });
  });
  within.addEventListener("focusin", remember);
  document.addEventListener("pointerdown", forget);
  changes.observe(within, { childList: true, subtree: true });
  return () => {
    within.removeEventListener("focusin", remember);
    document.removeEventListener("pointerdown", forget);
    changes.disconnect();
  };
}
