// Before the first paint: the theme, density and text size that this person chose.
(function () {
  try {
    var kept = JSON.parse(localStorage.getItem('kosmos:preferences') || '{}');
    var data = document.documentElement.dataset;
    if (kept.theme === 'light' || kept.theme === 'dark') data.theme = kept.theme;
    if (kept.density) data.density = kept.density;
    if (kept.textSize) data.textSize = kept.textSize;
  } catch {
    // The page looks as the system does.
  }
})();
