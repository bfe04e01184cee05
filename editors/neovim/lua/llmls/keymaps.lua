--- The keys of setup{ keymaps = true }.
local config = require('llmls.config')

local M = {}

---@class llmls.Keymap
---@field key string behind the prefix
---@field modes string[]
---@field plug string
---@field desc string

---@type llmls.Keymap[]
M.list = {
  { key = 'e', modes = { 'n', 'x' }, plug = '<Plug>(llmls-explain)', desc = 'explain' },
  { key = 'a', modes = { 'n', 'x' }, plug = '<Plug>(llmls-ask)', desc = 'ask' },
  { key = 'o', modes = { 'n' }, plug = '<Plug>(llmls-explain-operator)', desc = 'explain {motion}' },
  { key = 'd', modes = { 'n' }, plug = '<Plug>(llmls-diagnostic)', desc = 'explain the diagnostic' },
  { key = 'm', modes = { 'n' }, plug = '<Plug>(llmls-more)', desc = 'more detail' },
  { key = 'r', modes = { 'n' }, plug = '<Plug>(llmls-reply)', desc = 'reply' },
  { key = 's', modes = { 'n' }, plug = '<Plug>(llmls-stop)', desc = 'stop' },
  { key = 'h', modes = { 'n' }, plug = '<Plug>(llmls-answers)', desc = 'earlier answers' },
}

--- The keys that are mapped already, other than by llmls.
---@return { lhs: string, mode: string, rhs: string }[]
function M.conflicts()
  local found = {}
  for _, map in ipairs(M.list) do
    for _, mode in ipairs(map.modes) do
      local lhs = config.get().prefix .. map.key
      local there = vim.fn.maparg(lhs, mode, false, true)
      if there.lhs and there.rhs ~= map.plug then
        table.insert(found, { lhs = lhs, mode = mode, rhs = there.rhs or there.desc or 'a function' })
      end
    end
  end
  return found
end

--- Maps those that are free.
function M.set()
  for _, map in ipairs(M.list) do
    for _, mode in ipairs(map.modes) do
      local lhs = config.get().prefix .. map.key
      if vim.fn.maparg(lhs, mode) == '' then
        vim.keymap.set(mode, lhs, map.plug, { desc = 'llmls: ' .. map.desc })
      end
    end
  end
end

return M
