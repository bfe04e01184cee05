--- One sentence to the person, by whatever `vim.notify` is.
local M = {}

--- What Neovim shows beside a message in the same row: 'showcmd' and 'ruler'.
local BESIDE = 20

--- How long a sentence stands that the row has no room for.
local TOAST = 8000 -- ms

--- Whether vim.notify is Neovim's own, which echoes: it is built in, so that its
--- source is no file.
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
  local bufnr = vim.api.nvim_create_buf(false, true)
  vim.bo[bufnr].bufhidden = 'wipe'
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, lines)
  local win = vim.api.nvim_open_win(bufnr, false, {
    relative = 'editor',
    anchor = 'SE',
    row = vim.o.lines - vim.o.cmdheight - 1,
    col = vim.o.columns,
    width = width,
    height = #lines,
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
  local room = vim.o.columns * math.max(1, vim.o.cmdheight) - BESIDE
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

--- What is longer than the row would make Neovim ask for ENTER, and what the
--- person types next would go there. So the row gets what fits, and the whole
--- sentence a window of its own.
---@param sentence string
---@param level? integer of vim.log.levels, by default ERROR
function M.say(sentence, level)
  sentence, level = clean(sentence), level or vim.log.levels.ERROR
  if not echoes() then
    return vim.notify(sentence, level, { title = 'llmls' })
  end
  local short = cut(sentence)
  vim.api.nvim_echo({ { short, group_of(level) } }, true, {})
  if short ~= sentence then
    toast(sentence, group_of(level))
  end
end

--- The same for a failure that an answer's surface tells in full.
---@param sentence string
function M.say_briefly(sentence)
  if echoes() then
    vim.api.nvim_echo({ { cut(clean(sentence)), 'ErrorMsg' } }, true, {})
  else
    vim.notify(clean(sentence), vim.log.levels.ERROR, { title = 'llmls' })
  end
end

return M
