--- What a person may set. `require('llmls').setup()` is optional; these are the
--- values without it.
local M = {}

---@alias llmls.SurfaceName 'float'|'inline'|'split'

---@class llmls.Config
---@field surface llmls.SurfaceName where an answer is shown, unless the command says otherwise
---@field float { width: integer, height: integer, border?: string|string[] } the largest the float gets, in cells; the border is 'winborder' if that is set, else 'rounded'
---@field inline { height: integer } the most lines below the code
---@field split { position: string } the modifiers of a split: 'botright', 'vertical', …
---@field keymaps boolean whether to map the keys of |llmls-keys|, where they are free
---@field prefix string what those keys begin with
---@field cmd? string[] how to start the server; the default is { 'llmls' }
---@field settings? table<string, any> settings of the server, such as { model = 'qwen3-coder' }

---@type llmls.Config
local defaults = {
  surface = 'float',
  float = { width = 76, height = 20 },
  inline = { height = 20 },
  split = { position = 'botright' },
  keymaps = false,
  prefix = '<Leader>l',
}

---@type table<string, string> the type of each option that has no default
local others = { ['float.border'] = 'string or table', cmd = 'table', settings = 'table' }

---@type llmls.Config
local current = defaults

---@return llmls.Config
function M.get()
  return current
end

--- The names of the options in `given` that do not exist, or that have another
--- type than they should.
---@param given table
---@param known table
---@param path string
---@return string[]
local function wrong(given, known, path)
  local found = {}
  for name, value in pairs(given) do
    local full = path .. tostring(name)
    local want = known[name] == nil and others[full] or type(known[name])
    if want == 'nil' then
      table.insert(found, full .. ' does not exist')
    elseif not want:find(type(value), 1, true) then
      table.insert(found, ('%s must be a %s'):format(full, want))
    elseif type(known[name]) == 'table' then
      vim.list_extend(found, wrong(value, known[name], full .. '.'))
    end
  end
  return found
end

--- Takes over what is usable, and returns a sentence about the rest.
---@param given? table
---@return string? problem
function M.set(given)
  given = given or {}
  local problems = wrong(given, defaults, '')
  if given.surface and not vim.list_contains({ 'float', 'inline', 'split' }, given.surface) then
    table.insert(problems, "surface must be 'float', 'inline' or 'split'")
  end
  if #problems > 0 then
    return ('setup: %s. See :help llmls-setup.'):format(table.concat(problems, '; '))
  end
  current = vim.tbl_deep_extend('force', defaults, given)
end

return M
