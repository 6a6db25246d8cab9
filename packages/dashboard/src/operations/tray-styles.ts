import { css } from 'lit'
import { base, buttons } from '../styles/controls.ts'

export const trayStyles = [
  base,
  buttons,
  css`
    ul {
      display: grid;
      gap: 8px;
      justify-items: end;
    }
    li {
      display: flex;
      align-items: center;
      gap: 8px;
      inline-size: 100%;
      min-block-size: 44px;
      padding: 7px 8px 7px 12px;
      border: 1px solid var(--td-line);
      border-radius: var(--td-radius);
      background: var(--td-raised);
      box-shadow: 0 8px 28px rgb(0 0 0 / 0.16);
    }
    li > p,
    .going {
      flex: 1;
      min-inline-size: 0;
      overflow-wrap: anywhere;
    }
    li.done > svg {
      color: var(--td-success);
    }
    li.warning > svg {
      color: var(--td-interrupted);
    }
    li.failed > svg {
      color: var(--td-failed);
    }
    .small {
      display: flex;
      flex-wrap: wrap;
      gap: 0 10px;
      font-size: 12px;
      line-height: 16px;
    }
    .bar {
      block-size: 4px;
      margin-block: 4px 3px;
      border-radius: 2px;
      background: var(--td-line);
      overflow: hidden;
    }
    .bar i {
      display: block;
      block-size: 100%;
      background: var(--td-running);
    }
    .ring {
      position: relative;
      display: grid;
      place-items: center;
      flex: none;
      inline-size: 28px;
      block-size: 28px;
    }
    .ring svg {
      position: absolute;
      inset: 0;
      inline-size: 28px;
      block-size: 28px;
      stroke: var(--td-line);
      stroke-width: 2;
      transform: rotate(-90deg);
    }
    .ring .left {
      stroke: var(--td-interrupted);
    }
    .ring b {
      font-size: 12px;
      font-weight: 560;
    }
    @media (prefers-reduced-motion: no-preference) {
      .ring .left,
      .bar i {
        transition:
          stroke-dashoffset 1s linear,
          inline-size 0.3s linear;
      }
    }
    @media (forced-colors: active) {
      .bar i {
        forced-color-adjust: none;
        background: Highlight;
      }
    }
  `,
]
