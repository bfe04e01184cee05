--- One sentence to the person, by whatever `vim.notify` is.
local M = {}

--- What Neovim shows beside a message in the same row: 'showcmd' and 'ruler'.
local BESIDE = 20

--- How long a sentence that the row has no room for is shown in a window.
local TOAST = 8000 -- ms

--- Reports whether vim.notify is Neovim's own, which echoes: that is built in, so its
--- source is not a file.
local function echoes()
  local source = debug.getinfo(vim.notify, 'S').source
  return source:find('?', 1, true) ~= nil or vim.startswith(source, '@vim/')
end

---@param level integer
---@return string
local function group_of(level)
  return level >= vim.log.levels.ERROR and 'ErrorMsg' or level == vim.log.levels.WARN and 'WarningMsg' or 'Normal'
end

--- Shows a sentence above the last row. It goes by itself.
---@param sentence string
---@param group string
local function toast(sentence, group)
  local width = math.min(70, vim.o.columns - 4)
  local lines = require('llmls.wrap').words(sentence, width)
  local height = math.min(#lines, math.max(1, vim.o.lines - vim.o.cmdheight - 3))
  local bufnr = vim.api.nvim_create_buf(false, true)
  vim.bo[bufnr].bufhidden = 'wipe'
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, lines)
  local win = vim.api.nvim_open_win(bufnr, false, {
    relative = 'editor',
    anchor = 'SE',
    row = vim.o.lines - vim.o.cmdheight - 1,
    col = vim.o.columns,
    width = width,
    height = height,
    style = 'minimal',
    border = 'rounded',
    focusable = false,
    zindex = 70,
    noautocmd = true,
  })
  vim.wo[win].winhighlight = 'NormalFloat:' .. group
  vim.defer_fn(function()
    if vim.api.nvim_win_is_valid(win) then
      vim.api.nvim_win_close(win, true)
    end
  end, TOAST)
end

---@param sentence string
---@return string
local function cut(sentence)
  local columns = vim.o.columns
  local room = columns * math.max(1, vim.o.cmdheight) - math.min(BESIDE, math.floor(columns / 2))
  if vim.fn.strdisplaywidth(sentence) <= room then
    return sentence
  end
  return vim.fn.strcharpart(sentence, 0, room - 1) .. '…'
end

---@param sentence string
---@return string
local function clean(sentence)
  return 'llmls: ' .. vim.trim((sentence:gsub('%s*\n.*', '')))
end

--- Shows in the row what fits there, and keeps the whole for :messages. A sentence
--- that is longer than the row would make Neovim ask for ENTER, and that prompt would
--- take the next key.
---@param sentence string
---@param group string
---@return boolean whole whether all of it fits
local function echo(sentence, group)
  if vim.o.cmdheight == 0 then -- there is no row, and any message would ask for ENTER
    return false
  end
  local short = cut(sentence)
  if short == sentence then
    vim.api.nvim_echo({ { sentence, group } }, true, {})
    return true
  end
  local shortmess = vim.o.shortmess
  vim.opt.shortmess:append('T') -- shown in one row, kept as a whole
  vim.cmd.echohl(group)
  vim.cmd.echomsg({ args = { vim.fn.string(sentence) } })
  vim.cmd.echohl('None')
  vim.o.shortmess = shortmess
  vim.cmd.redraw() -- or the next message would be a second row
  vim.api.nvim_echo({ { short, group } }, false, {})
  return false
end

--- Shows a sentence: in the row, and in a window if the row has no room for all of it.
---@param sentence string
---@param level? integer of vim.log.levels, by default ERROR
function M.say(sentence, level)
  sentence, level = clean(sentence), level or vim.log.levels.ERROR
  if not echoes() then
    return vim.notify(sentence, level, { title = 'llmls' })
  end
  if not echo(sentence, group_of(level)) then
    toast(sentence, group_of(level))
  end
end

--- The same for a failure that the answer's surface shows in full.
---@param sentence string
function M.say_briefly(sentence)
  if echoes() then
    echo(clean(sentence), 'ErrorMsg')
  else
    vim.notify(clean(sentence), vim.log.levels.ERROR, { title = 'llmls' })
  end
end

return M
