const BROWSERS: [RegExp, string][] = [
  [/Edg\/(\d+)/, 'Edge'],
  [/360SE|360EE|QIHU/i, '360'],
  [/QQBrowser\/(\d+)/, 'QQ'],
  [/Firefox\/(\d+)/, 'Firefox'],
  [/Chrom(?:e|ium)\/(\d+)/, 'Chrome'],
  [/Version\/(\d+).*Safari/, 'Safari'],
];
const SYSTEMS: [RegExp, string][] = [
  [/Windows/, 'Windows'], [/Android/, 'Android'], [/iPhone|iPad/, 'iOS'], [/Mac OS X/, 'macOS'],
  [/UOS|Kylin/i, 'UOS/Kylin'], [/Linux/, 'Linux'],
];

/** A browser as people call it, from what it says about itself. */
export function agentName(agent: string): string {
  const browser = BROWSERS.map(([pattern, name]) => {
    const found = pattern.exec(agent);
    return found ? [name, found[1]].filter(Boolean).join(' ') : null;
  }).find(Boolean);
  const system = SYSTEMS.find(([pattern]) => pattern.test(agent))?.[1];
  return [browser, system].filter(Boolean).join(' · ') || agent || '—';
}
