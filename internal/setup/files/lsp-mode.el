(defun llmls-command (action)
  "Run the command of the code action ACTION: llmls alone knows it."
  (with-lsp-workspace (lsp-find-workspace 'llmls)
    (lsp-send-execute-command (lsp-get action :command) (lsp-get action :arguments))))

(defun llmls-ask (question)
  "Ask llmls QUESTION about the region, or the line."
  (interactive "sAsk llmls: ")
  (with-lsp-workspace (lsp-find-workspace 'llmls)
    (lsp-send-execute-command
     "llmls.ask" (vector (list :question question :uri (lsp--buffer-uri) :range (lsp--region-or-line))))))

(defun llmls-show (_workspace params)
  "Show the file of the answers in another window, and let llmls serve it."
  (let ((buffer (find-file-noselect (lsp--uri-to-path (lsp-get params :uri)))))
    (with-selected-window (display-buffer buffer)
      (unless (bound-and-true-p lsp-mode)
        (let ((lsp-auto-guess-root t) (lsp-guess-root-without-session t))
          (lsp))))
    (list :success t)))

;; It is saved when you leave, without a question.
(add-hook 'find-file-hook
          (lambda () (when (string-match-p "/llmls/answers/" buffer-file-name)
                       (setq-local buffer-save-without-query t))))

;; In every buffer where M-x lsp is run, beside the servers of its language.
(with-eval-after-load 'lsp-mode
  (lsp-register-client
   (make-lsp-client
    :server-id 'llmls
    :new-connection (lsp-stdio-connection '("llmls"))
    :activation-fn (lambda (&rest _) t)
    :add-on? t
    :multi-root t
    :request-handlers (ht ("window/showDocument" #'llmls-show))
    :action-handlers (ht<-alist (mapcar (lambda (name) (cons name #'llmls-command))
                                        '("llmls.explain" "llmls.ask" "llmls.prompt" "llmls.stop"
                                           "llmls.earlier" "llmls.show" "llmls.dismiss"))))))
