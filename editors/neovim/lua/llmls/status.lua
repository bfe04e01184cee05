--- One short text for statuslines.
local M = {}

local watched = false

--- What runs, such as "llmls 3 s"; "" when nothing does. A statusline that calls it
--- is redrawn while an answer runs.
---@return string
function M.text()
  watched = true
  local running = package.loaded['llmls.answer'] and require('llmls.answer').running() or {}
  if #running == 0 then
    return ''
  end
  local others = #running > 1 and (' ×%d'):format(#running) or ''
  return ('llmls %d s%s'):format(running[1]:seconds(), others)
end

--- Redraws the statusline if it has called text().
function M.changed()
  if watched then
    watched = false
    vim.cmd.redrawstatus({ bang = true })
  end
end

return M
