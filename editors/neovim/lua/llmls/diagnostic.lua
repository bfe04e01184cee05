--- The problems that other servers and linters report.
local notify = require('llmls.notify')
local places = require('llmls.place')

local M = {}

--- The place of a diagnostic: its range or, if that is empty, its line.
---@param d vim.Diagnostic
---@return llmls.Place
local function place_of(d)
  local last = { d.end_lnum or d.lnum, d.end_col or d.col }
  if last[1] == d.lnum and last[2] <= d.col then
    return places.lines(d.bufnr, d.lnum + 1, d.lnum + 1)
  end
  local lines = places.lines(d.bufnr, d.lnum + 1, last[1] + 1)
  return {
    bufnr = d.bufnr,
    first = { lines.first[1], math.min(d.col, #vim.fn.getbufoneline(d.bufnr, d.lnum + 1)) },
    last = { lines.last[1], math.min(last[2], lines.last[2]) },
  }
end

--- Calls `done` with a diagnostic of the current line; the person chooses if there
--- are several.
---@param done fun(place: llmls.Place, diagnostic: table) a diagnostic of LSP, but for its range
function M.pick(done)
  local row = vim.api.nvim_win_get_cursor(0)[1] - 1
  local found = vim.diagnostic.get(0, { lnum = row })
  local function explain(d)
    done(place_of(d), { message = d.message, severity = d.severity, source = d.source, code = d.code })
  end
  if #found == 0 then
    notify.say('there is no diagnostic in this line', vim.log.levels.WARN)
  elseif #found == 1 then
    explain(found[1])
  else
    vim.ui.select(found, {
      prompt = 'Explain',
      kind = 'llmls.diagnostic',
      format_item = function(d)
        return (d.message:gsub('\n', ' '))
      end,
    }, function(d)
      if d then
        explain(d)
      end
    end)
  end
end

return M
