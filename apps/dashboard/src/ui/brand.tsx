/** The mark and the name, as on the provider's pages. */
export const Brand = () => (
  <span className="brand">
    <svg viewBox="0 0 28 28" aria-hidden="true" focusable="false">
      <rect width="28" height="28" rx="8" fill="currentColor" />
      <g fill="var(--card)">
        <path d="M9 7.5h4.6c3.9 0 6.4 2.5 6.4 6.5s-2.5 6.5-6.4 6.5H9v-4.2h2.9v1.5h1.7c2.1 0 3.4-1.4 3.4-3.8s-1.3-3.8-3.4-3.8h-1.7v1.5H9z" />
        <path d="M6.5 12.8h7v2.4h-7z" />
      </g>
    </svg>
    Daytona
  </span>
)
