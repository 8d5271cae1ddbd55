/** Which tool answers to which button: left the active one, middle or Shift+left pan, right zoom. */
import { tools } from './cornerstone';
import { PanDrag, ScrollDrag, WindowDrag, ZoomDrag } from './drag_tools';
import { Angle, Arrow, Ellipse, Length, Text } from './measure_tools';

export const tool_ids = ['window', 'pan', 'zoom', 'scroll', 'length', 'angle', 'ellipse', 'text', 'arrow'] as const;
export type ToolId = (typeof tool_ids)[number];
export const draws = (tool: ToolId): boolean => ['length', 'angle', 'ellipse', 'text', 'arrow'].includes(tool);

const group_id = 'overread';
const name_of: Record<ToolId, string> = {
  window: WindowDrag.toolName,
  pan: PanDrag.toolName,
  zoom: ZoomDrag.toolName,
  scroll: ScrollDrag.toolName,
  length: Length.toolName,
  angle: Angle.toolName,
  ellipse: Ellipse.toolName,
  text: Text.toolName,
  arrow: Arrow.toolName,
};

type Group = NonNullable<ReturnType<typeof tools.ToolGroupManager.createToolGroup>>;
let group: Group | null = null;

function the_group(): Group {
  if (group !== null) return group;
  for (const tool of [WindowDrag, PanDrag, ZoomDrag, ScrollDrag, Length, Angle, Ellipse, Text, Arrow])
    tools.addTool(tool);
  const made = tools.ToolGroupManager.createToolGroup(group_id);
  if (made === undefined) throw new Error('Cornerstone made no tool group');
  for (const id of tool_ids) made.addTool(name_of[id]);
  tools.annotation.config.style.setDefaultToolStyles(styles());
  group = made;
  return made;
}

/** Light lines with a shadow read on black and on white alike; the numbers stand on their own ground. */
function styles(): Parameters<typeof tools.annotation.config.style.setDefaultToolStyles>[0] {
  return {
    ...tools.annotation.config.style.getDefaultToolStyles(),
    global: {
      ...tools.annotation.config.style.getDefaultToolStyles().global,
      color: 'rgb(150, 205, 255)',
      colorHighlighted: 'rgb(255, 255, 255)',
      colorSelected: 'rgb(190, 225, 255)',
      colorLocked: 'rgb(200, 200, 200)',
      lineWidth: '1.5',
      lineDash: '',
      shadow: true,
      textBoxFontFamily: 'inherit',
      textBoxFontSize: '12px',
      textBoxColor: 'rgb(230, 240, 255)',
      textBoxColorHighlighted: 'rgb(255, 255, 255)',
      textBoxColorSelected: 'rgb(255, 255, 255)',
      textBoxColorLocked: 'rgb(220, 220, 220)',
      textBoxBackground: 'rgba(0, 0, 0, 0.6)',
      textBoxLinkLineWidth: '1',
      textBoxLinkLineDash: '2,3',
    },
  };
}

export function add_to_toolbox(viewport_id: string, engine_id: string): void {
  the_group().addViewport(viewport_id, engine_id);
}

/** `may_draw` is false for signed studies: what is drawn there can be looked at only. */
export function choose(tool: ToolId, may_draw: boolean): void {
  const { MouseBindings, KeyboardBindings } = tools.Enums;
  const made = the_group();
  const active = draws(tool) && !may_draw ? 'window' : tool;
  for (const id of tool_ids) {
    const bindings = [];
    if (id === active) {
      bindings.push(
        { mouseButton: MouseBindings.Primary },
        { mouseButton: MouseBindings.Primary, modifierKey: KeyboardBindings.Ctrl },
      );
    }
    if (id === 'pan') {
      bindings.push(
        { mouseButton: MouseBindings.Auxiliary },
        { mouseButton: MouseBindings.Primary, modifierKey: KeyboardBindings.Shift },
      );
    }
    if (id === 'zoom') {
      bindings.push(
        { mouseButton: MouseBindings.Secondary },
        { mouseButton: MouseBindings.Secondary, modifierKey: KeyboardBindings.Ctrl },
      );
    }
    made.setToolDisabled(name_of[id]);
    if (bindings.length > 0) made.setToolActive(name_of[id], { bindings });
    else if (draws(id)) made.setToolPassive(name_of[id]);
  }
}
